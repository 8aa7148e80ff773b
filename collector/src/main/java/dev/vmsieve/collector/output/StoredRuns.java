// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.util.Arrays;

import dev.vmsieve.filter.bitmap.PageBitmap;

/// The memory that an ELF dump stores, as runs in ascending order that neither overlap nor touch, and where they lie in the
/// file; all in bytes. What several tiles cover is one run, stored once.
///
/// A run's offset in the file and its address lie alike within a page, so that whole pages are written to whole blocks of
/// the file: between two runs there may be a gap of less than a page. Immutable.
final class StoredRuns {
    private final long[] starts;
    private final long[] ends;
    private final long[] offsets;
    private final long dataStart;

    private StoredRuns(long[] starts, long[] ends, long[] offsets, long dataStart) {
        this.starts = starts;
        this.ends = ends;
        this.offsets = offsets;
        this.dataStart = dataStart;
    }

    /// The runs of what the tiles store.
    ///
    /// @param dataStart where in the file the data may start
    static StoredRuns of(ElfTiles tiles, long dataStart, int pageBytes) {
        long[] starts = new long[tiles.count()];
        long[] ends = new long[tiles.count()];
        int used = 0;
        for (int i = 0; i < tiles.count(); i++) {
            if (tiles.storedBytes(i) > 0) {
                starts[used] = tiles.paddr(i);
                ends[used++] = tiles.paddr(i) + tiles.storedBytes(i);
            }
        }
        Arrays.sort(starts, 0, used);
        Arrays.sort(ends, 0, used);
        int count = 0;
        // With starts and ends sorted apart, a gap is where as many ranges have ended as have started.
        for (int i = 0; i < used; i++) {
            if (count > 0 && starts[i] <= ends[i - 1]) {
                ends[count - 1] = ends[i];
            } else {
                starts[count] = starts[i];
                ends[count++] = ends[i];
            }
        }
        return placed(first(starts, count), first(ends, count), dataStart, pageBytes);
    }

    private static long[] first(long[] numbers, int count) {
        return count == numbers.length ? numbers : Arrays.copyOf(numbers, count);
    }

    private static StoredRuns placed(long[] starts, long[] ends, long dataStart, int pageBytes) {
        long[] offsets = new long[starts.length];
        long at = dataStart;
        for (int i = 0; i < starts.length; i++) {
            at += (starts[i] - at) & pageBytes - 1;
            offsets[i] = at;
            at += ends[i] - starts[i];
        }
        return new StoredRuns(starts, ends, offsets, dataStart);
    }

    /// Number of runs.
    int count() {
        return starts.length;
    }

    /// First byte of a run.
    long start(int run) {
        return starts[run];
    }

    /// Byte behind a run.
    long end(int run) {
        return ends[run];
    }

    /// Where a run starts in the file.
    long offset(int run) {
        return offsets[run];
    }

    /// Where a byte of a run lies in the file.
    long offsetOf(int run, long paddr) {
        return offsets[run] + paddr - starts[run];
    }

    /// Where the run before ends in the file, or what comes before the data: up to the run there is nothing.
    long gapStart(int run) {
        return run == 0 ? dataStart : offsetOf(run - 1, ends[run - 1]);
    }

    /// Where all data end in the file.
    long fileEnd() {
        return gapStart(starts.length);
    }

    /// Where the data of memory below that address end in the file.
    long fileEndBelow(long paddr) {
        int run = firstEndingAfter(paddr);
        return run < starts.length && starts[run] < paddr ? offsetOf(run, paddr) : gapStart(run);
    }

    /// The first run that ends behind the address; [#count] if there is none.
    int firstEndingAfter(long paddr) {
        int at = Arrays.binarySearch(ends, paddr);
        return at < 0 ? -at - 1 : at + 1;
    }

    /// Sets the bit of each page that some run touches. Of a large bitmap no more than one chunk is in memory for it.
    void mark(PageBitmap pages, int pageBytes) {
        int shift = Integer.numberOfTrailingZeros(pageBytes);
        long last = 0;
        for (int i = 0; i < starts.length; i++) {
            long end = Math.min((ends[i] + pageBytes - 1) >>> shift, pages.size());
            long pfn = pages.nextClear(starts[i] >>> shift, end);
            while (pfn < end) {
                // Up to the next page that is set, or to the next chunk.
                long stop = Math.min(Math.min(pages.nextSet(pfn), end), (pfn | PageBitmap.CHUNK_PFNS - 1) + 1);
                if (last / PageBitmap.CHUNK_PFNS != pfn / PageBitmap.CHUNK_PFNS) {
                    pages.putAwayBehind(last);
                }
                last = pfn;
                pages.setRange(pfn, stop);
                pfn = pages.nextClear(stop, end);
            }
        }
    }
}
