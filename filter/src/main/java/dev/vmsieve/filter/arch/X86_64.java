// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.arch;

import java.nio.ByteOrder;

/// x86_64 with 4 or 5 page table levels (arch/x86/include/asm/pgtable_64_types.h, page_64_types.h).
public final class X86_64 implements Architecture {
    private static final int PAGE_SHIFT = 12;
    private static final int INDEX_BITS = 9;
    private static final long PRESENT = 1;
    private static final long LARGE = 1 << 7;
    private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

    @Override
    public String name() {
        return "x86_64";
    }

    @Override
    public int machine() {
        return 62;
    }

    @Override
    public int wordBytes() {
        return Long.BYTES;
    }

    @Override
    public ByteOrder byteOrder() {
        return ByteOrder.LITTLE_ENDIAN;
    }

    @Override
    public int defaultPageBytes() {
        return 1 << PAGE_SHIFT;
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
    public long imageBase() {
        return 0xffff_ffff_8000_0000L;
    }

    @Override
    public long imageBytes() {
        return 1L << 30;
    }

    @Override
    public int[] levelCounts() {
        return new int[]{4, 5};
    }

    @Override
    public Level[] levels(int count) {
        return count == 5 ? Level.values() : new Level[]{Level.PGD, Level.PUD, Level.PMD, Level.PTE};
    }

    @Override
    public int shift(int levelsBelow) {
        return PAGE_SHIFT + INDEX_BITS * levelsBelow;
    }

    @Override
    public int entriesPerTable() {
        return 1 << INDEX_BITS;
    }

    @Override
    public boolean isCanonical(long kvaddr, int levels) {
        int unused = Long.SIZE - PAGE_SHIFT - INDEX_BITS * levels;
        return kvaddr << unused >> unused == kvaddr;
    }

    @Override
    public boolean isPresent(long entry) {
        return (entry & PRESENT) != 0;
    }

    /// Bit 7 is PAT in an entry of the last level, and reserved above the pud.
    @Override
    public boolean isLeaf(Level level, long entry) {
        return level == Level.PTE || ((level == Level.PMD || level == Level.PUD) && (entry & LARGE) != 0);
    }

    @Override
    public long addressMask() {
        return ADDRESS;
    }
}
