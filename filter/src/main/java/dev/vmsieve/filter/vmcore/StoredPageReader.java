// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;

import dev.vmsieve.filter.bitmap.PageRanks;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.format.kdump.PageDescriptor;

/// Tells how pages are stored in a dump, and hands out their stored forms; one instance a thread, never shared.
///
/// After [#find] the other methods tell of the page found. Stored forms that lie side by side in the same part can be
/// read at once. Guarded by RefilterBenchmark.
public final class StoredPageReader {
    private final KdumpVmcore vmcore;
    private final KdumpPages pages;
    private final DescriptorWindow descriptors;
    private final PageRanks.Cursor ranks;
    private int part = KdumpPages.NO_PART;
    private long offset;
    private int bytes;
    private Compression compression = Compression.NONE;

    StoredPageReader(KdumpVmcore vmcore, KdumpPages pages) {
        this.vmcore = vmcore;
        this.pages = pages;
        ByteOrder order = vmcore.byteOrder();
        this.descriptors = new DescriptorWindow(pages, order);
        this.ranks = pages.rankCursor();
    }

    /// Looks the page up.
    ///
    /// @return false if the dump does not have it, or not in a form that can be read: then it is zero for whoever reads
    ///         it, and has been counted as [PageReader] counts it
    public boolean find(long pfn) throws IOException {
        if (!vmcore.isPresent(pfn)) {
            return false;
        }
        int in = pages.partOf(pfn);
        try {
            if (in != KdumpPages.NO_PART && look(pfn, in)) {
                return true;
            }
            vmcore.lost(pfn);
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException damaged) {
            vmcore.damaged(pfn, damaged);
        }
        return false;
    }

    private boolean look(long pfn, int in) throws IOException {
        int at = descriptors.seek(in, pages.rankInPart(in, ranks.below(pfn)));
        part = in;
        ByteBuffer source = descriptors.bytes();
        offset = PageDescriptor.offset(source, at);
        bytes = PageDescriptor.bytes(source, at);
        compression = Compression.byFlag(PageDescriptor.flags(source, at));
        if (offset == 0) {
            return false;
        }
        int blockBytes = pages.blockBytes();
        boolean sound = bytes > 0 && (compression == Compression.NONE ? bytes == blockBytes : bytes <= blockBytes)
                && offset >= PageDescriptor.FIRST_OFFSET && offset <= pages.file(in).size() - bytes;
        if (!sound) {
            PageDescriptor.parse(source, at).check(pages.part(in).name(), pfn, blockBytes, pages.file(in).size());
        }
        return true;
    }

    /// True if the page's data are the block of zeroes that comes first.
    public boolean sharesZeroBlock() {
        return compression == Compression.NONE && vmcore.isZeroBlock(part, offset);
    }

    /// How the page is stored.
    public Compression compression() {
        return compression;
    }

    /// Bytes of the stored form, at least 1 and at most a page.
    public int bytes() {
        return bytes;
    }

    /// The part of a split dump that holds the page; always the same in a dump of one file.
    public int part() {
        return part;
    }

    /// Where in the part's file the stored form is.
    public long offset() {
        return offset;
    }

    /// Fills [at, at + length) of the target with the part's bytes from the offset on.
    ///
    /// @throws CorruptDumpException if the file does not have them
    /// @throws IOException if the system cannot read them
    public void read(int fromPart, long fromOffset, int length, ByteBuffer target, int at) throws IOException {
        target.limit(at + length).position(at);
        try {
            pages.readFully(fromPart, fromOffset, target, "page data");
        } finally {
            target.clear();
        }
    }

    /// Says that a page found could not be read: it is taken for zero, and counted.
    public void damaged(long pfn, IOException why) {
        vmcore.damaged(pfn, why);
    }
}
