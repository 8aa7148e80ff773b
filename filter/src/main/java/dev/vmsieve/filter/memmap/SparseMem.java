// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.memmap;

import java.io.IOException;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.paging.KernelMemory;
import dev.vmsieve.filter.progress.Progress;

/// SPARSEMEM, static or EXTREME: memory is cut into sections, each with a mem_map of its own (include/linux/mmzone.h).
///
/// Without VMEMMAP, or where the kernel does not tell where its virtual array is (before 6.9), this alone finds a struct
/// page.
public final class SparseMem implements MemoryModel {
    /// Section has memory.
    static final long MARKED_PRESENT = 1;
    /// Section has a mem_map; early at boot a present section may have none.
    static final long HAS_MEM_MAP = 2;
    /// Section's memory was put to use; since 4.13.
    static final long IS_ONLINE = 4;

    private final SectionTable table;
    private final int pageShiftOfSection;
    private final long structPageBytes;
    private final long flagMask;
    private final boolean marksOnline;
    private final long endPfn;

    private SparseMem(SectionTable table, int pageShiftOfSection, Query query) {
        this.table = table;
        this.pageShiftOfSection = pageShiftOfSection;
        this.structPageBytes = query.structPageBytes();
        this.flagMask = flagMask(query, pageShiftOfSection);
        long first = table.nextPresent(0);
        this.marksOnline = first < table.sections() && (table.raw(first) & IS_ONLINE) != 0;
        this.endPfn = Math.min(query.maxMapnr(), table.endSection() << pageShiftOfSection);
    }

    /// Bits of an entry that are flags and no address.
    ///
    /// An entry is the mem_map's address less the section's first pfn times the size of a struct page, and both are
    /// multiples of a page, so all bits below are free for flags. Kernels used 2 of them at first, and 6 since 6.15: a
    /// mask made for one kernel shifts the next one's struct pages.
    private static long flagMask(Query query, int pageShiftOfSection) {
        boolean wholePages = (query.structPageBytes() << pageShiftOfSection) % query.pageBytes() == 0;
        return wholePages ? query.pageBytes() - 1L : 0x3f;
    }

    /// Reads the section table and tells whether VMEMMAP is at hand.
    static MemoryModel read(Query query, long memSection, KernelMemory memory, Progress progress) throws IOException {
        long sectionBits = query.sectionSizeBits();
        int pageShift = Integer.numberOfTrailingZeros(query.pageBytes());
        if (sectionBits <= pageShift || sectionBits > 48) {
            throw new CorruptDumpException("[" + query.info().source()
                    + "] VMCOREINFO: NUMBER(SECTION_SIZE_BITS) must be more than " + pageShift
                    + " and at most 48 but was " + sectionBits);
        }
        int shift = (int) sectionBits - pageShift;
        SectionTable table = SectionTable.find(query, memSection, shift, memory);
        SparseMem sections = new SparseMem(table, shift, query);
        if (table.unusable() != 0) {
            progress.warning("[" + query.info().source() + "] mem_section: " + table.unusable()
                    + " section entries or roots cannot be read; their pages are kept");
        }
        if (query.info().symbol("vmemmap").isEmpty()) {
            return sections;
        }
        long vmemmap = query.info().symbol("vmemmap").getAsLong();
        sections.compareWith(vmemmap, query, progress);
        return new SparseVmemmap(sections, vmemmap);
    }

    private void compareWith(long vmemmap, Query query, Progress progress) {
        long different = 0;
        for (long s = table.nextPresent(0); s < table.sections(); s = table.nextPresent(s + 1)) {
            different += (table.raw(s) & ~flagMask) != vmemmap ? 1 : 0;
        }
        if (different != 0) {
            progress.warning("[" + query.info().source() + "] mem_section: " + different
                    + " sections do not point to SYMBOL(vmemmap) 0x" + Long.toHexString(vmemmap)
                    + "; SYMBOL(vmemmap) is used");
        }
    }

    long structPageBytes() {
        return structPageBytes;
    }

    @Override
    public long endPfn() {
        return endPfn;
    }

    @Override
    public MemRun run(long pfn) {
        long section = pfn >>> pageShiftOfSection;
        if (pfn >= endPfn) {
            return MemRun.none(endPfn, Long.MAX_VALUE);
        }
        long start = section << pageShiftOfSection;
        long raw = table.raw(section);
        if (!SectionTable.isPresent(raw)) {
            long next = Math.min(table.nextPresent(section), table.sections());
            return MemRun.none(start, next << pageShiftOfSection);
        }
        boolean online = !marksOnline || (raw & IS_ONLINE) != 0;
        return new MemRun(start, (section + 1) << pageShiftOfSection, raw & ~flagMask, true, online);
    }

    @Override
    public long pfnOf(long structPage) {
        for (long s = table.nextPresent(0); s < table.sections(); s = table.nextPresent(s + 1)) {
            long bytes = structPage - (table.raw(s) & ~flagMask);
            if (bytes < 0 || bytes % structPageBytes != 0) {
                continue;
            }
            long pfn = bytes / structPageBytes;
            if (pfn >>> pageShiftOfSection == s) {
                return pfn;
            }
        }
        return NO_PFN;
    }
}
