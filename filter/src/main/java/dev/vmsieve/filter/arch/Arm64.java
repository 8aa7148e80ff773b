// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import dev.vmsieve.filter.format.elf.ElfMachine;
import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// arm64, little-endian, with pages of 4, 16 and 64 KiB and addresses of 36 to 52 bits (arch/arm64/include/asm/pgtable-hwdef.h,
/// memory.h; Arm architecture reference manual, D8: translation table descriptors).
public final class Arm64 implements Architecture {
    private static final int SMALLEST_PAGE_SHIFT = 12;
    private static final int LARGEST_PAGE_SHIFT = 16;
    private static final int LARGEST_ADDRESS = 52;
    /// What a kernel built for 52 bits uses on a processor that has them not, with pages of 16 KiB and others.
    private static final int FALLBACK_16K = 47;
    private static final int FALLBACK = 48;

    @Override
    public ElfMachine machine() {
        return ElfMachine.AARCH64;
    }

    /// Up to v5.11; later ones tell.
    @Override
    public int defaultSectionSizeBits() {
        return 30;
    }

    @Override
    public int defaultMaxPhysmemBits(int levels) {
        return 48;
    }

    @Override
    public List<String> rootSymbols() {
        return List.of("swapper_pg_dir");
    }

    /// NUMBER(VA_BITS) is what the kernel was built for; TCR_EL1_T1SZ (in v5.9) is what it told the processor.
    @Override
    public List<TableFormat> tableFormats(Vmcoreinfo info, int pageBytes) {
        int pageShift = Integer.numberOfTrailingZeros(pageBytes);
        OptionalLong built = info.number("VA_BITS");
        if (built.isEmpty() || pageShift < SMALLEST_PAGE_SHIFT || pageShift > LARGEST_PAGE_SHIFT
                || built.getAsLong() > LARGEST_ADDRESS || built.getAsLong() < 2L * pageShift) {
            return List.of();
        }
        int builtBits = (int) built.getAsLong();
        List<TableFormat> formats = new ArrayList<>();
        OptionalLong told = info.number("TCR_EL1_T1SZ");
        if (told.isPresent()) {
            long bits = Long.SIZE - told.getAsLong();
            if (bits >= 2L * pageShift && bits <= builtBits) {
                formats.add(tables(pageShift, builtBits, (int) bits));
            }
            return formats;
        }
        formats.add(tables(pageShift, builtBits, builtBits));
        if (builtBits == LARGEST_ADDRESS) {
            formats.add(tables(pageShift, builtBits, pageShift == 14 ? FALLBACK_16K : FALLBACK));
        }
        return formats;
    }

    /// The format of the kernel's page table.
    ///
    /// @param pageShift 12, 14 or 16
    /// @param builtBits VA_BITS: address bits the kernel was built for
    /// @param usedBits address bits the processor uses, at most so many
    public static TableFormat tables(int pageShift, int builtBits, int usedBits) {
        int levels = levels(pageShift, usedBits);
        // The top table is laid out for what the kernel was built for where that makes no further level.
        int tableBits = levels(pageShift, builtBits) == levels ? builtBits : usedBits;
        int rootShift = pageShift + (pageShift - 3) * (levels - 1);
        return new Tables(pageShift, levels, usedBits, tableBits - rootShift);
    }

    private static int levels(int pageShift, int addressBits) {
        return Math.ceilDiv(addressBits - pageShift, pageShift - 3);
    }

    /// NUMBER(kimage_voffset) (in v4.12); older kernels are found by what lies in memory.
    @Override
    public List<Long> imageOffsets(Vmcoreinfo info, Optional<Long> textPhysBase) {
        OptionalLong declared = info.number("kimage_voffset");
        return declared.isPresent() ? List.of(declared.getAsLong()) : List.of();
    }

    @Override
    public long imageBase() {
        return Long.MIN_VALUE;
    }

    @Override
    public long imageBytes() {
        return 0;
    }

    /// PHYS_OFFSET.
    @Override
    public long physBase(Vmcoreinfo info, long imageOffset) {
        return info.number("PHYS_OFFSET").orElse(0);
    }

    private static final class Tables extends TableFormat {
        private static final long VALID = 1;
        /// Both bits: a table, or a page on the last level; the lower alone: a block.
        private static final long TABLE = 3;
        private static final int TAG_BITS = 8;
        private static final long LOW_48 = (1L << 48) - 1;
        private static final long LOW_50 = (1L << 50) - 1;

        private final long addressMask;
        /// Bits of an entry that are the highest bits of an address, and how far they are to be moved; 0 if there are none.
        private final long highMask;
        private final int highShift;

        Tables(int pageShift, int levels, int usedBits, int rootBits) {
            super(pageShift, levels, usedBits, rootBits);
            boolean large = pageShift == LARGEST_PAGE_SHIFT;
            boolean lpa2 = !large && usedBits == LARGEST_ADDRESS;
            this.addressMask = (lpa2 ? LOW_50 : LOW_48) & -(1L << pageShift);
            // Pages of 64 KiB: bits 15:12 are 51:48. FEAT_LPA2: bits 9:8 are 51:50; without it they are the
            // shareability.
            this.highMask = large ? 0xf000 : lpa2 ? 0x300 : 0;
            this.highShift = large ? 36 : 42;
        }

        /// All ones above what is used, but for the top byte, which may be a tag.
        @Override
        public boolean isCanonical(long kvaddr) {
            return kvaddr << TAG_BITS >> (TAG_BITS + addressBits()) == -1;
        }

        @Override
        public boolean isPresent(int level, long entry) {
            return isLast(level) ? (entry & TABLE) == TABLE : (entry & VALID) != 0;
        }

        @Override
        public boolean isLeaf(int level, long entry) {
            return isLast(level) || (entry & TABLE) == VALID;
        }

        @Override
        public long address(long entry) {
            return (entry & addressMask) | (entry & highMask) << highShift;
        }
    }
}
