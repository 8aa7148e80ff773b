// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.vmcore.KernelSegment;

/// The PT_LOADs of an ELF dump, in their order, without their places in the file; addresses and sizes in bytes.
///
/// They cover the segments of the input exactly. A tile is stored from its start on, and what is not stored at its end was
/// left out. So a run of pages left out ends a tile; but a short one is stored after all, since a program header a run
/// would make dumps that readers search slowly (formats: tiling of ELF output). Where there would be more tiles than the heap
/// holds, longer runs are stored, too.
///
/// Immutable once made.
final class ElfTiles {
    /// A run of pages left out that is shorter is stored, unless a segment ends with it or there were too many tiles.
    static final int LONG_RUN_PAGES = 256;
    /// Tiles there may be, beside one for each segment: with their [StoredRuns] they take 40 bytes each. 64 TiB of RAM have
    /// half a million, and runs must not be stored lightly: all of them together are most of the RAM.
    static final int MOST_TILES = 3 << 18;

    private final int pageShift;
    private final PageBitmap kept;
    private final List<KernelSegment> segments;
    private final long longRunPages;
    /// First tile of each segment.
    private final int[] firstTiles;
    private long[] paddrs = new long[16];
    private long[] stored = new long[16];
    private int count;

    private ElfTiles(List<KernelSegment> segments, PageBitmap kept, int pageBytes, long longRunPages) {
        this.segments = segments;
        this.kept = kept;
        this.pageShift = Integer.numberOfTrailingZeros(pageBytes);
        this.longRunPages = longRunPages;
        this.firstTiles = new int[segments.size()];
    }

    /// The tiles of these segments.
    ///
    /// @param kept the pages to be stored
    static ElfTiles of(List<KernelSegment> segments, PageBitmap kept, int pageBytes) {
        return of(segments, kept, pageBytes, MOST_TILES);
    }

    /// With so many tiles at most, beside one for each segment.
    static ElfTiles of(List<KernelSegment> segments, PageBitmap kept, int pageBytes, int mostTiles) {
        List<KernelSegment> joined = joined(segments);
        long longRunPages = LONG_RUN_PAGES;
        ElfTiles tiles = new ElfTiles(joined, kept, pageBytes, longRunPages);
        while (!tiles.addAll(mostTiles)) {
            longRunPages *= 2;
            tiles = new ElfTiles(joined, kept, pageBytes, longRunPages);
        }
        return tiles;
    }

    /// Segments that go on where the one before ends are one: so are those of a dump that was filtered before.
    private static List<KernelSegment> joined(List<KernelSegment> segments) {
        List<KernelSegment> joined = new ArrayList<>();
        for (KernelSegment segment : segments) {
            KernelSegment last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && last.end() == segment.paddr() && vaddrAt(last, last.end()) == segment.vaddr()) {
                joined.set(joined.size() - 1,
                        new KernelSegment(last.paddr(), last.vaddr(), last.bytes() + segment.bytes()));
            } else {
                joined.add(segment);
            }
        }
        return joined;
    }

    private static long vaddrAt(KernelSegment segment, long paddr) {
        return segment.vaddr() == KernelSegment.NO_ADDRESS
                ? KernelSegment.NO_ADDRESS
                : segment.vaddr() + paddr - segment.paddr();
    }

    /// False if there would be more tiles than that, beside one for each segment.
    private boolean addAll(int mostTiles) {
        for (int i = 0; i < firstTiles.length; i++) {
            firstTiles[i] = count;
            if (!addAll(segments.get(i), i + mostTiles)) {
                return false;
            }
        }
        return true;
    }

    /// False if there would be more tiles than that before the segment's last one.
    private boolean addAll(KernelSegment segment, int mostTiles) {
        long endPfn = (segment.end() + (1L << pageShift) - 1) >>> pageShift;
        long start = segment.paddr();
        long storedEnd = start;
        long pfn = start >>> pageShift;
        long next = nextKept(pfn, endPfn);
        while (next < endPfn) {
            if (next - pfn >= longRunPages) {
                if (count == mostTiles) {
                    return false;
                }
                add(start, storedEnd);
                start = next << pageShift;
            }
            pfn = kept.nextClear(next, Math.min(endPfn, kept.size()));
            storedEnd = Math.min(pfn << pageShift, segment.end());
            next = nextKept(pfn, endPfn);
        }
        add(start, storedEnd);
        return true;
    }

    private long nextKept(long pfn, long endPfn) {
        long next = kept.nextSet(pfn);
        return next < kept.size() ? Math.min(next, endPfn) : endPfn;
    }

    private void add(long start, long storedEnd) {
        if (count == paddrs.length) {
            paddrs = Arrays.copyOf(paddrs, 2 * count);
            stored = Arrays.copyOf(stored, 2 * count);
        }
        paddrs[count] = start;
        stored[count++] = storedEnd - start;
    }

    /// The segment that the tile is of: each has one at least.
    private int segmentOf(int tile) {
        int at = Arrays.binarySearch(firstTiles, tile);
        return at < 0 ? -at - 2 : at;
    }

    /// Number of tiles.
    int count() {
        return count;
    }

    /// p_paddr.
    long paddr(int tile) {
        return paddrs[tile];
    }

    /// p_vaddr; all ones if there is none.
    long vaddr(int tile) {
        return vaddrAt(segments.get(segmentOf(tile)), paddrs[tile]);
    }

    /// p_memsz.
    long memoryBytes(int tile) {
        int segment = segmentOf(tile);
        int behind = segment + 1 < firstTiles.length ? firstTiles[segment + 1] : count;
        return (tile + 1 < behind ? paddrs[tile + 1] : segments.get(segment).end()) - paddrs[tile];
    }

    /// p_filesz.
    long storedBytes(int tile) {
        return stored[tile];
    }
}
