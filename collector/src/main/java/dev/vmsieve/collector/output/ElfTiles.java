// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.util.List;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.vmcore.KernelSegment;

/// The PT_LOADs of an ELF dump, in their order, without their places in the file; addresses and sizes in bytes.
///
/// They cover the segments of the input exactly. A tile is stored from its start on, and what is not stored at its end was
/// left out. So a run of pages left out ends a tile; but a short one before a kept page is stored after all, since a program
/// header a run would make dumps that readers search slowly (formats: tiling of ELF output).
///
/// Tiles are found in the bitmap whenever they are asked for: a machine of 64 TiB has half a million, for which there is no
/// room in memory.
final class ElfTiles {
    /// A run of pages left out that is shorter is stored, unless a segment ends with it.
    private static final int LONG_RUN_PAGES = 256;

    private final int pageShift;
    private final PageBitmap stored;
    private final List<KernelSegment> segments;
    private final long count;

    /// The tiles of these segments.
    ///
    /// @param kept the pages to be stored; those of short runs before them are added, and from then on it must stay as it is
    ElfTiles(List<KernelSegment> segments, PageBitmap kept, int pageBytes) {
        this.segments = segments;
        this.stored = kept;
        this.pageShift = Integer.numberOfTrailingZeros(pageBytes);
        storeShortRuns();
        long tiles = 0;
        for (Cursor cursor = new Cursor(); cursor.next();) {
            tiles++;
        }
        this.count = tiles;
    }

    /// What one segment adds counts as kept for all: so the end of the kernel's image may be stored though it was left out,
    /// where it is a short run of the same memory in the direct map. Of a large bitmap no more than a chunk or two are
    /// in memory for it.
    private void storeShortRuns() {
        long changed = 0;
        for (KernelSegment segment : segments) {
            long limit = endPfn(segment);
            long start = segment.paddr() >>> pageShift;
            long pfn = nextStored(start, limit);
            while (pfn < limit) {
                if (start < pfn && pfn - start < LONG_RUN_PAGES) {
                    putAwayLeft(changed, start);
                    stored.setRange(start, pfn);
                    putAwayLeft(start, pfn - 1);
                    changed = pfn - 1;
                }
                start = storedEnd(pfn, limit);
                pfn = nextStored(start, limit);
            }
        }
    }

    private void putAwayLeft(long pfn, long nextPfn) {
        if (pfn / PageBitmap.CHUNK_PFNS != nextPfn / PageBitmap.CHUNK_PFNS) {
            stored.putAwayBehind(pfn);
        }
    }

    private long endPfn(KernelSegment segment) {
        return (segment.end() + (1L << pageShift) - 1) >>> pageShift;
    }

    /// First stored page at or after the pfn; the limit if there is none below.
    private long nextStored(long pfn, long limit) {
        long next = stored.nextSet(pfn, limit);
        return next < stored.size() ? next : limit;
    }

    private long storedEnd(long pfn, long limit) {
        return stored.nextClear(pfn, Math.min(limit, stored.size()));
    }

    /// Number of tiles.
    long count() {
        return count;
    }

    /// The segments that the tiles cover.
    List<KernelSegment> segments() {
        return segments;
    }

    /// A cursor before the first tile.
    Cursor cursor() {
        return new Cursor();
    }

    /// Goes from tile to tile.
    final class Cursor {
        private int segmentsBegun;
        private KernelSegment segment = new KernelSegment(0, KernelSegment.NO_ADDRESS, 0);
        private long start;
        private long storedBytes;
        private long end;

        /// Goes on to the next tile; false if there is none.
        boolean next() {
            start = end;
            while (start == segment.end()) {
                if (segmentsBegun == segments.size()) {
                    return false;
                }
                segment = segments.get(segmentsBegun++);
                start = segment.paddr();
            }
            long limit = endPfn(segment);
            long pfn = start >>> pageShift;
            long storedEnd = storedEnd(pfn, limit);
            storedBytes = storedEnd == pfn ? 0 : Math.min(storedEnd << pageShift, segment.end()) - start;
            long next = nextStored(storedEnd, limit);
            end = next == limit ? segment.end() : next << pageShift;
            return true;
        }

        /// p_paddr.
        long paddr() {
            return start;
        }

        /// p_vaddr; all ones if there is none.
        long vaddr() {
            return segment.vaddrOf(start);
        }

        /// p_memsz.
        long memoryBytes() {
            return end - start;
        }

        /// p_filesz.
        long storedBytes() {
            return storedBytes;
        }
    }
}
