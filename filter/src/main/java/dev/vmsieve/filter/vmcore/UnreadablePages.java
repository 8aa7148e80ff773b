// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.bitmap.ScatteredPages;

/// The pages that could not be read. Written by any reader, read by any; the lock makes a page visible, the count alone
/// tells cheaply that there is none.
///
/// Most of a large set lies in a file: pages are read about in order, so the last few chunks are enough in memory.
final class UnreadablePages {
    private final long maxMapnr;
    private final Path workDirectory;
    /// Null until the first page comes. Guarded by this.
    private @Nullable ScatteredPages pages;
    private volatile long count;

    UnreadablePages(long maxMapnr, Path workDirectory) {
        this.maxMapnr = maxMapnr;
        this.workDirectory = workDirectory;
    }

    synchronized void add(long pfn) {
        ScatteredPages to = pages;
        if (to == null) {
            to = new ScatteredPages(maxMapnr, new ChunkFile(workDirectory));
            pages = to;
        }
        if (!to.bitmap().get(pfn)) {
            to.setRange(pfn, pfn + 1);
            count++;
        }
    }

    boolean contains(long pfn) {
        if (count == 0) {
            return false;
        }
        synchronized (this) {
            return pages != null && pages.bitmap().get(pfn);
        }
    }

    /// The first of them from pfn on; end if there is none below.
    long first(long pfn, long end) {
        if (count == 0) {
            return end;
        }
        synchronized (this) {
            return pages == null ? end : pages.bitmap().nextSet(pfn, end);
        }
    }

    long count() {
        return count;
    }
}
