// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

import dev.vmsieve.filter.arch.Architecture;
import dev.vmsieve.filter.arch.Level;
import dev.vmsieve.filter.arch.TableFormat;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Where the kernel sees physical memory, by its page table: for a dump whose container does not list segments, as kdump
/// files do not.
///
/// The direct map maps all memory linearly. It is where the architecture's VMCOREINFO says, else the lowest thing mapped in
/// the kernel's half of the address space (Documentation/arch/x86/x86_64/mm.rst, arch/arm64/memory.rst: there since v5.4).
public final class KernelMap {
    /// KASLR moves the direct map by multiples of no less (arch/x86/mm/kaslr.c: entries of the pud).
    private static final long DIRECT_MAP_ALIGNMENT = 2L << 20;
    /// The image starts at a multiple of this (CONFIG_PHYSICAL_ALIGN is no less; arch/arm64 MIN_KIMG_ALIGN).
    private static final long IMAGE_ALIGNMENT = 2L << 20;
    /// No image is larger.
    private static final long MOST_IMAGE_BYTES = 1L << 30;

    private final Vmcore vmcore;
    private final Kernel kernel;
    private final TableFormat format;

    private KernelMap(Vmcore vmcore, Kernel kernel) {
        this.vmcore = vmcore;
        this.kernel = kernel;
        this.format = kernel.pageTable().format();
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
        OptionalLong told = kernel.architecture().directMap(kernel.vmcoreinfo());
        if (told.isPresent()) {
            return isDirectMap(told.getAsLong(), memory) ? told : OptionalLong.empty();
        }
        long kvaddr = lowestAddress();
        while (kvaddr < 0) {
            Translation translation = memory.translate(kvaddr);
            if (translation instanceof Translation.Mapped mapped) {
                long base = kvaddr - mapped.paddr();
                return isDirectMap(base, memory) ? OptionalLong.of(base) : OptionalLong.empty();
            }
            kvaddr = next(kvaddr, translation);
        }
        return OptionalLong.empty();
    }

    /// In the upper half of what the page table covers, or all of it where the processor has another for user addresses.
    private long lowestAddress() {
        long all = -1L << format.addressBits();
        return format.isCanonical(all) ? all : all >> 1;
    }

    /// It must map the page table itself, too.
    private boolean isDirectMap(long base, KernelMemory memory) throws IOException {
        long root = kernel.pageTable().root();
        return (base & DIRECT_MAP_ALIGNMENT - 1) == 0
                && memory.translate(base + root) instanceof Translation.Mapped mapped && mapped.paddr() == root;
    }

    /// Past what is not there: a page if it is mapped to memory that is not in the dump, else all that its entry would map.
    private long next(long kvaddr, Translation translation) {
        if (translation instanceof Translation.NotPresent hole) {
            int level = level(hole.level());
            if (!(format.isPresent(level, hole.entry()) && format.isLeaf(level, hole.entry()))) {
                return (kvaddr | (1L << format.shift(level)) - 1) + 1;
            }
        }
        return kvaddr + vmcore.pageBytes();
    }

    private int level(Level wanted) {
        int level = 0;
        while (format.level(level) != wanted) {
            level++;
        }
        return level;
    }

    private void addImage(KernelMemory memory, List<KernelSegment> segments) throws IOException {
        OptionalLong stext = kernel.vmcoreinfo().symbol("_stext");
        if (stext.isEmpty()) {
            return;
        }
        long start = stext.getAsLong() & -IMAGE_ALIGNMENT;
        long most = mostImageBytes(start);
        long bytes = 0;
        long at = 0;
        while (at < most) {
            Translation translation = memory.translate(start + at);
            if (translation instanceof Translation.Mapped mapped) {
                long mappedBytes = Math.min(mapped.bytes(), most - at);
                if (mapped.paddr() == paddr(start + at)) {
                    bytes = at + mappedBytes;
                }
                at += mappedBytes;
            } else {
                at = next(start + at, translation) - start;
            }
        }
        long existing = existingFrom(paddr(start), bytes);
        if (existing > 0) {
            segments.add(new KernelSegment(paddr(start), start, existing));
        }
    }

    /// How far the image may go on, at most, from where it starts.
    private long mostImageBytes(long start) {
        Architecture architecture = kernel.architecture();
        return architecture.imageBytes() == 0
                ? MOST_IMAGE_BYTES
                : Math.min(MOST_IMAGE_BYTES, architecture.imageBase() + architecture.imageBytes() - start);
    }

    private long paddr(long imageAddress) {
        return imageAddress - kernel.imageOffset();
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
