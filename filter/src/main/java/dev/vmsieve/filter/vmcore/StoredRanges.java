// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.extent.ExtentSorter;
import dev.vmsieve.filter.extent.ExtentTable;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// Which bytes of physical memory are stored, and where: disjoint ranges in ascending order, of which little is in memory.
///
/// Segments may overlap; a byte that several store is taken from the one that lies first in the file. That is decided once,
/// when the ranges are built (in n log n steps), so that a look-up is a binary search. Immutable; for any thread.
final class StoredRanges {
    private final ExtentTable ranges;

    private StoredRanges(ExtentTable ranges) {
        this.ranges = ranges;
    }

    /// Takes segments in any order.
    static final class Builder {
        private final ExtentSorter sorter;

        /// @param name of the core file, for messages
        /// @param file where ranges go that are more than memory is to hold
        Builder(String name, ChunkFile file) {
            this.sorter = new ExtentSorter(ExtentSorter.Winner.FIRST, file, "[" + name + "] program headers: more than "
                    + ExtentSorter.MOST_OPEN + " PT_LOADs are of the same memory");
        }

        void add(Segment segment) {
            if (segment.storedBytes() > 0) {
                sorter.add(segment.paddr(), segment.storedBytes(), segment.fileOffset());
            }
        }

        StoredRanges build() throws UnsupportedDumpException {
            return new StoredRanges(sorter.table());
        }
    }

    /// Number of ranges.
    int count() {
        return ranges.size();
    }

    /// First byte of a range.
    long start(int range) {
        return ranges.start(range);
    }

    /// Byte behind a range.
    long end(int range) {
        return ranges.end(range);
    }

    /// Where a range starts in the file.
    long fileOffset(int range) {
        return ranges.source(range);
    }

    /// The first range that ends behind the address; [#count] if there is none.
    int firstEndingAfter(long paddr) {
        int floor = ranges.floor(paddr);
        return floor >= 0 && ranges.end(floor) > paddr ? floor : floor + 1;
    }

    /// True if some byte from start to end, exclusive, is stored.
    boolean anyIn(long start, long end) {
        int range = firstEndingAfter(start);
        return range < count() && start(range) < end;
    }

    /// The first page from pfn on of which no byte is stored; end if there is none below.
    long firstPageNotIn(long pfn, long end, int pageBytes) {
        int shift = Integer.numberOfTrailingZeros(pageBytes);
        long at = pfn;
        int range = firstEndingAfter(pfn << shift);
        while (at < end && range < count() && start(range) >>> shift <= at) {
            at = Math.max(at, (end(range) + pageBytes - 1) >>> shift);
            range++;
        }
        return Math.min(at, end);
    }

    /// Sets the bit of every page in the range of pfns of which some byte is stored.
    void markPages(PfnRange pfns, PageBitmap bitmap, int pageBytes) {
        int shift = Integer.numberOfTrailingZeros(pageBytes);
        long end = pfns.end() << shift;
        for (int i = firstEndingAfter(pfns.start() << shift); i < count() && start(i) < end; i++) {
            bitmap.setRange(Math.max(start(i) >>> shift, pfns.start()),
                    Math.min((end(i) + pageBytes - 1) >>> shift, pfns.end()));
        }
    }

    /// Number of pages of which some byte is stored.
    long pages(int pageBytes) {
        int shift = Integer.numberOfTrailingZeros(pageBytes);
        long pages = 0;
        long counted = 0;
        for (int i = 0; i < count(); i++) {
            long end = (end(i) + pageBytes - 1) >>> shift;
            pages += Math.max(0, end - Math.max(start(i) >>> shift, counted));
            counted = end;
        }
        return pages;
    }
}
