// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

import dev.vmsieve.filter.arch.Architecture;
import dev.vmsieve.filter.arch.Level;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Where the kernel sees physical memory, by its page table: for a dump whose container does not list segments, as kdump
/// files do not.
///
/// The direct map is the lowest thing mapped in the kernel's half of the address space (Documentation/arch/x86/x86_64/mm.rst),
/// and maps all memory linearly; the image is mapped linearly from its link address on, moved by KASLR.
public final class KernelMap {
    /// KASLR moves the direct map by multiples of this (arch/x86/mm/kaslr.c: entries of the pud).
    private static final long DIRECT_MAP_ALIGNMENT = 1L << 30;
    /// The image starts at a multiple of this (CONFIG_PHYSICAL_ALIGN is no less).
    private static final long IMAGE_ALIGNMENT = 2L << 20;

    private final Vmcore vmcore;
    private final Kernel kernel;
    private final Architecture architecture;
    private final int levels;

    private KernelMap(Vmcore vmcore, Kernel kernel) {
        this.vmcore = vmcore;
        this.kernel = kernel;
        this.architecture = kernel.architecture();
        this.levels = kernel.pageTable().levelCount();
    }

    /// The segments that /proc/vmcore would have: the image, and all memory that exists. Empty if the page table does not
    /// tell.
    public static List<KernelSegment> segments(Vmcore vmcore, Kernel kernel) throws IOException {
        return new KernelMap(vmcore, kernel).segments();
    }

    private List<KernelSegment> segments() throws IOException {
        List<KernelSegment> segments = new ArrayList<>();
        try (KernelMemory memory = kernel.newMemory()) {
            OptionalLong directMap = directMap(memory);
            if (directMap.isEmpty()) {
                return segments;
            }
            addImage(memory, segments);
            addMemory(directMap.getAsLong(), segments);
        }
        return segments;
    }

    /// Address at which physical 0 is, or would be, mapped.
    private OptionalLong directMap(KernelMemory memory) throws IOException {
        int tableBits = Integer.numberOfTrailingZeros(architecture.entriesPerTable());
        long kvaddr = -1L << (architecture.shift(levels - 1) + tableBits - 1);
        while (kvaddr < architecture.imageBase()) {
            Translation translation = memory.translate(kvaddr);
            if (translation instanceof Translation.Mapped mapped) {
                long base = kvaddr - mapped.paddr();
                return isDirectMap(base, memory) ? OptionalLong.of(base) : OptionalLong.empty();
            }
            kvaddr = next(kvaddr, translation);
        }
        return OptionalLong.empty();
    }

    /// It must map the page table itself, too.
    private boolean isDirectMap(long base, KernelMemory memory) throws IOException {
        long root = kernel.pageTable().root();
        return (base & DIRECT_MAP_ALIGNMENT - 1) == 0
                && memory.translate(base + root) instanceof Translation.Mapped mapped && mapped.paddr() == root;
    }

    /// Past what is not there: a page if it is mapped to memory that is not in the dump, else all that its entry would map.
    private long next(long kvaddr, Translation translation) {
        if (translation instanceof Translation.NotPresent hole
                && !(architecture.isPresent(hole.entry()) && architecture.isLeaf(hole.level(), hole.entry()))) {
            long bytes = 1L << architecture.shift(levelsBelow(hole.level()));
            return (kvaddr | bytes - 1) + 1;
        }
        return kvaddr + vmcore.pageBytes();
    }

    private int levelsBelow(Level level) {
        Level[] all = architecture.levels(levels);
        int below = 0;
        while (all[levels - 1 - below] != level) {
            below++;
        }
        return below;
    }

    private void addImage(KernelMemory memory, List<KernelSegment> segments) throws IOException {
        OptionalLong stext = kernel.vmcoreinfo().symbol("_stext");
        if (stext.isEmpty()) {
            return;
        }
        long start = stext.getAsLong() & -IMAGE_ALIGNMENT;
        long limit = architecture.imageBase() + architecture.imageBytes();
        long end = start;
        long kvaddr = start;
        while (kvaddr < limit) {
            Translation translation = memory.translate(kvaddr);
            if (translation instanceof Translation.Mapped mapped) {
                long bytes = Math.min(mapped.bytes(), limit - kvaddr);
                if (mapped.paddr() == paddr(kvaddr)) {
                    end = kvaddr + bytes;
                }
                kvaddr += bytes;
            } else {
                kvaddr = next(kvaddr, translation);
            }
        }
        long existing = existingFrom(paddr(start), end - start);
        if (existing > 0) {
            segments.add(new KernelSegment(paddr(start), start, existing));
        }
    }

    private long paddr(long imageAddress) {
        return imageAddress - architecture.imageBase() + kernel.physBase();
    }

    /// How many of the bytes exist in one piece.
    private long existingFrom(long paddr, long bytes) {
        int shift = Integer.numberOfTrailingZeros(vmcore.pageBytes());
        long first = paddr >>> shift;
        long end = Math.min((paddr + bytes) >>> shift, vmcore.maxMapnr());
        if (paddr < 0 || first >= end) {
            return 0;
        }
        PageBitmap existing = new PageBitmap(end);
        vmcore.markExisting(new PfnRange(first, end), existing);
        return existing.get(first) ? (existing.nextClear(first, end) << shift) - paddr : 0;
    }

    private void addMemory(long directMap, List<KernelSegment> segments) throws IOException {
        int shift = Integer.numberOfTrailingZeros(vmcore.pageBytes());
        PageBitmap existing = vmcore.newExisting(vmcore.maxMapnr(), null);
        long pfn = existing.nextSet(0);
        while (pfn < existing.size()) {
            long end = existing.nextClear(pfn, existing.size());
            segments.add(new KernelSegment(pfn << shift, directMap + (pfn << shift), (end - pfn) << shift));
            pfn = existing.nextSet(end);
        }
    }
}
