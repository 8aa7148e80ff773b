// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.arch;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import dev.vmsieve.filter.format.elf.ElfMachine;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// x86_64 with 4 or 5 page table levels (arch/x86/include/asm/pgtable_64_types.h, page_64_types.h).
public final class X86_64 implements Architecture {
    private static final int PAGE_SHIFT = 12;
    private static final int INDEX_BITS = 9;
    private static final long IMAGE_BASE = 0xffff_ffff_8000_0000L;
    /// QEMU's note of a processor's state, and CR3 in it.
    private static final int QEMU_CR3 = 416;
    private static final long CR3_TABLE = 0x000f_ffff_ffff_e000L;

    @Override
    public ElfMachine machine() {
        return ElfMachine.X86_64;
    }

    @Override
    public int defaultSectionSizeBits() {
        return 27;
    }

    @Override
    public int defaultMaxPhysmemBits(int levels) {
        return levels == 5 ? 52 : 46;
    }

    @Override
    public List<String> rootSymbols() {
        return List.of("init_top_pgt", "init_level4_pgt", "swapper_pg_dir");
    }

    /// What pgtable_l5_enabled says; without it, whatever there may be (in some kernels of 5 levels the key is missing).
    @Override
    public List<TableFormat> tableFormats(Vmcoreinfo info, int pageBytes) {
        long encryptionMask = info.number("sme_mask").orElse(0);
        OptionalLong five = info.number("pgtable_l5_enabled");
        if (five.isPresent()) {
            return List.of(tables(five.getAsLong() == 0 ? 4 : 5, encryptionMask));
        }
        return List.of(tables(4, encryptionMask), tables(5, encryptionMask));
    }

    /// The format of a page table.
    ///
    /// @param levels 4 or 5
    /// @param encryptionMask bits of an entry that are no address though they lie in it: NUMBER(sme_mask)
    public static TableFormat tables(int levels, long encryptionMask) {
        return new Tables(levels, encryptionMask);
    }

    /// NUMBER(phys_base) (Linux commit 401721ecd1dc, in v4.10), else what the text segment says, else 0: before v4.8 the
    /// virtual address moved with the physical one.
    @Override
    public List<Long> imageOffsets(Vmcoreinfo info, Optional<Long> textPhysBase) {
        List<Long> offsets = new ArrayList<>();
        OptionalLong declared = info.number("phys_base");
        if (declared.isPresent()) {
            offsets.add(IMAGE_BASE - declared.getAsLong());
        }
        if (textPhysBase.isPresent()) {
            offsets.add(IMAGE_BASE - textPhysBase.get());
        }
        offsets.add(IMAGE_BASE);
        return offsets;
    }

    @Override
    public long imageBase() {
        return IMAGE_BASE;
    }

    @Override
    public long imageBytes() {
        return 1L << 30;
    }

    @Override
    public long physBase(Vmcoreinfo info, long imageOffset) {
        return IMAGE_BASE - imageOffset;
    }

    /// CR3 in QEMU's notes.
    @Override
    public OptionalLong rootOf(ElfNote note, ByteBuffer notes) {
        return note.name().equals(ElfNote.QEMU) && note.descBytes() >= QEMU_CR3 + Long.BYTES
                ? OptionalLong.of(notes.getLong(note.descOffset() + QEMU_CR3) & CR3_TABLE)
                : OptionalLong.empty();
    }

    private static final class Tables extends TableFormat {
        private static final long PRESENT = 1;
        private static final long LARGE = 1 << 7;
        private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

        private final long addressMask;

        Tables(int levels, long encryptionMask) {
            super(PAGE_SHIFT, levels, PAGE_SHIFT + INDEX_BITS * levels, INDEX_BITS);
            this.addressMask = ADDRESS & ~encryptionMask;
        }

        @Override
        public long root(long told) {
            return told & addressMask;
        }

        @Override
        public boolean isPresent(int level, long entry) {
            return (entry & PRESENT) != 0;
        }

        /// Bit 7 is PAT in an entry of the last level, and reserved above the pud.
        @Override
        public boolean isLeaf(int level, long entry) {
            return isLast(level) || ((entry & LARGE) != 0 && level >= levelCount() - 3);
        }

        @Override
        public long address(long entry) {
            return entry & addressMask;
        }
    }
}
