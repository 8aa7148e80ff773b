// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import dev.vmsieve.filter.format.elf.ElfMachine;
import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// riscv64 with Sv39, Sv48 or Sv57 (arch/riscv/include/asm/pgtable-64.h; The RISC-V instruction set manual, volume II:
/// Sv39 and following, Svnapot).
public final class Riscv64 implements Architecture {
    private static final int PAGE_SHIFT = 12;
    private static final int INDEX_BITS = 9;
    private static final int[] LEVELS = {5, 4, 3};
    /// KERNEL_LINK_ADDR of all 64-bit kernels since v5.13.
    private static final long IMAGE_BASE = 0xffff_ffff_8000_0000L;

    @Override
    public ElfMachine machine() {
        return ElfMachine.RISCV64;
    }

    @Override
    public int defaultSectionSizeBits() {
        return 27;
    }

    @Override
    public int defaultMaxPhysmemBits(int levels) {
        return 56;
    }

    @Override
    public List<String> rootSymbols() {
        return List.of("swapper_pg_dir");
    }

    /// By NUMBER(VA_BITS); kernels up to v6.1 do not tell.
    @Override
    public List<TableFormat> tableFormats(Vmcoreinfo info, int pageBytes) {
        OptionalLong told = info.number("VA_BITS");
        List<TableFormat> formats = new ArrayList<>();
        for (int levels : LEVELS) {
            if (told.isEmpty() || told.getAsLong() == addressBits(levels)) {
                formats.add(tables(levels));
            }
        }
        return formats;
    }

    /// The format of a page table.
    ///
    /// @param levels 3 (Sv39), 4 (Sv48) or 5 (Sv57)
    public static TableFormat tables(int levels) {
        return new Tables(levels);
    }

    private static int addressBits(int levels) {
        return PAGE_SHIFT + INDEX_BITS * levels;
    }

    /// NUMBER(va_kernel_pa_offset) (in v6.4); before, the image lies at the start of memory; else by the text segment.
    @Override
    public List<Long> imageOffsets(Vmcoreinfo info, Optional<Long> textPhysBase) {
        List<Long> offsets = new ArrayList<>();
        OptionalLong declared = info.number("va_kernel_pa_offset");
        if (declared.isPresent()) {
            offsets.add(declared.getAsLong());
        }
        OptionalLong ramBase = info.number("phys_ram_base");
        if (ramBase.isPresent()) {
            offsets.add(info.number("KERNEL_LINK_ADDR").orElse(IMAGE_BASE) - ramBase.getAsLong());
        }
        if (textPhysBase.isPresent()) {
            offsets.add(IMAGE_BASE - textPhysBase.get());
        }
        return offsets;
    }

    @Override
    public long imageBase() {
        return IMAGE_BASE;
    }

    @Override
    public long imageBytes() {
        return 1L << 31;
    }

    /// phys_ram_base.
    @Override
    public long physBase(Vmcoreinfo info, long imageOffset) {
        return info.number("phys_ram_base").orElse(0);
    }

    /// Below it lies vmemmap.
    @Override
    public OptionalLong directMap(Vmcoreinfo info) {
        OptionalLong pageOffset = info.number("PAGE_OFFSET");
        OptionalLong ramBase = info.number("phys_ram_base");
        return pageOffset.isPresent() && ramBase.isPresent()
                ? OptionalLong.of(pageOffset.getAsLong() - ramBase.getAsLong())
                : OptionalLong.empty();
    }

    private static final class Tables extends TableFormat {
        private static final long VALID = 1;
        /// Readable, writable, executable: without any, the entry names a table.
        private static final long ACCESS = 0xe;
        private static final int PPN_SHIFT = 10;
        private static final long PPN = (1L << 44) - 1;
        /// Svnapot, bit 63: the page is one of a run of 64 KiB, the only length defined, which the lowest bits of the PPN say.
        private static final int NAPOT_SHIFT = 16;
        private static final long NAPOT_PPN = 0xf;
        private static final long NAPOT_64K = 8;

        Tables(int levels) {
            super(PAGE_SHIFT, levels, Riscv64.addressBits(levels), INDEX_BITS);
        }

        @Override
        public boolean isPresent(int level, long entry) {
            return (entry & VALID) != 0 && (!isLast(level) || (entry & ACCESS) != 0);
        }

        @Override
        public boolean isLeaf(int level, long entry) {
            return (entry & ACCESS) != 0;
        }

        @Override
        public int leafShift(int level, long entry) {
            boolean napot = isLast(level) && entry < 0 && (entry >>> PPN_SHIFT & NAPOT_PPN) == NAPOT_64K;
            return napot ? NAPOT_SHIFT : shift(level);
        }

        @Override
        public long address(long entry) {
            return (entry >>> PPN_SHIFT & PPN) << PAGE_SHIFT;
        }
    }
}
