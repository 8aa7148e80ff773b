// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.format.kdump.DiskDumpHeader;

/// The pages of a kdump-compressed dump as they lie in its file: what is not to be compressed in another way can be
/// copied from there. Safe for use by several threads; each takes a reader of its own.
public final class StoredPages {
    private static final int METHODS = allMethods();

    private final KdumpVmcore vmcore;
    private final KdumpPages pages;
    private final DiskDumpHeader header;

    StoredPages(KdumpVmcore vmcore, KdumpPages pages, DiskDumpHeader header) {
        this.vmcore = vmcore;
        this.pages = pages;
        this.header = header;
    }

    private static int allMethods() {
        int all = 0;
        for (Compression method : Compression.values()) {
            all |= method.flag();
        }
        return all;
    }

    /// The method that the dump's header names, the first if it names several: a page stored raw did not shrink by it.
    public Compression compression() {
        return Compression.byFlag(header.status());
    }

    /// All method bits of the header's status.
    public int methodFlags() {
        return header.status() & METHODS;
    }

    /// A reader for the calling thread.
    public StoredPageReader newReader() {
        return new StoredPageReader(vmcore, pages);
    }
}
