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
/// would make dumps that readers search slowly (formats: tiling of ELF output).
///
/// Immutable once made.
final class ElfTiles {
    /// A run of pages left out that is shorter is stored, unless a segment ends with it.
    static final int LONG_RUN_PAGES = 256;

    private final int pageShift;
    private final PageBitmap kept;
    private long[] paddrs = new long[16];
    private long[] vaddrs = new long[16];
    private long[] memory = new long[16];
    private long[] stored = new long[16];
    private int count;

    private ElfTiles(PageBitmap kept, int pageBytes) {
        this.kept = kept;
        this.pageShift = Integer.numberOfTrailingZeros(pageBytes);
    }

    /// The tiles of these segments.
    ///
    /// @param kept the pages to be stored
    static ElfTiles of(List<KernelSegment> segments, PageBitmap kept, int pageBytes) {
        ElfTiles tiles = new ElfTiles(kept, pageBytes);
        for (KernelSegment segment : joined(segments)) {
            tiles.addAll(segment);
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

    private void addAll(KernelSegment segment) {
        long endPfn = (segment.end() + (1L << pageShift) - 1) >>> pageShift;
        long start = segment.paddr();
        long storedEnd = start;
        long pfn = start >>> pageShift;
        long next = nextKept(pfn, endPfn);
        while (next < endPfn) {
            if (next - pfn >= LONG_RUN_PAGES) {
                long tileEnd = next << pageShift;
                add(segment, start, tileEnd, storedEnd);
                start = tileEnd;
            }
            pfn = kept.nextClear(next, Math.min(endPfn, kept.size()));
            storedEnd = Math.min(pfn << pageShift, segment.end());
            next = nextKept(pfn, endPfn);
        }
        add(segment, start, segment.end(), storedEnd);
    }

    private long nextKept(long pfn, long endPfn) {
        long next = kept.nextSet(pfn);
        return next < kept.size() ? Math.min(next, endPfn) : endPfn;
    }

    private void add(KernelSegment segment, long start, long end, long storedEnd) {
        if (count == paddrs.length) {
            paddrs = Arrays.copyOf(paddrs, 2 * count);
            vaddrs = Arrays.copyOf(vaddrs, 2 * count);
            memory = Arrays.copyOf(memory, 2 * count);
            stored = Arrays.copyOf(stored, 2 * count);
        }
        paddrs[count] = start;
        vaddrs[count] = vaddrAt(segment, start);
        memory[count] = end - start;
        stored[count++] = storedEnd - start;
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
        return vaddrs[tile];
    }

    /// p_memsz.
    long memoryBytes(int tile) {
        return memory[tile];
    }

    /// p_filesz.
    long storedBytes(int tile) {
        return stored[tile];
    }
}
