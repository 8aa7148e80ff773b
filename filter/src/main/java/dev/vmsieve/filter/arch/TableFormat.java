// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.arch;

/// How the page table of one kernel is laid out, and what its entries mean. Entries have 8 bytes. Immutable.
///
/// Levels are counted from the top, 0 first.
public abstract class TableFormat {
    /// Bytes of an entry, as an exponent.
    private static final int ENTRY_SHIFT = 3;

    private final Level[] levels;
    private final int[] shifts;
    private final int[] indexMasks;
    private final int addressBits;

    /// @param pageShift bytes in a page, as an exponent; a table fills one page
    /// @param levelCount 2 to 5
    /// @param addressBits bits of an address that the levels and the page take, together
    /// @param rootBits bits of an address that select an entry of the top table
    TableFormat(int pageShift, int levelCount, int addressBits, int rootBits) {
        int indexBits = pageShift - ENTRY_SHIFT;
        this.addressBits = addressBits;
        this.levels = named(levelCount);
        this.shifts = new int[levelCount];
        this.indexMasks = new int[levelCount];
        for (int i = 0; i < levelCount; i++) {
            shifts[i] = pageShift + indexBits * (levelCount - 1 - i);
            indexMasks[i] = (1 << (i == 0 ? rootBits : indexBits)) - 1;
        }
    }

    private static Level[] named(int count) {
        return switch (count) {
            case 2 -> new Level[]{Level.PGD, Level.PTE};
            case 3 -> new Level[]{Level.PGD, Level.PMD, Level.PTE};
            case 4 -> new Level[]{Level.PGD, Level.PUD, Level.PMD, Level.PTE};
            case 5 -> Level.values();
            default -> throw new IllegalArgumentException("levels: " + count);
        };
    }

    /// Number of levels.
    public final int levelCount() {
        return levels.length;
    }

    /// The kernel's name of the level.
    public final Level level(int level) {
        return levels[level];
    }

    /// An entry of the level covers 2^shift bytes.
    public final int shift(int level) {
        return shifts[level];
    }

    /// Bits of an address that mean something; those above repeat the highest of them.
    public final int addressBits() {
        return addressBits;
    }

    /// Which entry of the level's table an address selects.
    public final int index(long kvaddr, int level) {
        return (int) (kvaddr >>> shifts[level]) & indexMasks[level];
    }

    /// True if the address has the form that the processor demands of a kernel address.
    public boolean isCanonical(long kvaddr) {
        int unused = Long.SIZE - addressBits;
        return kvaddr << unused >> unused == kvaddr;
    }

    /// Physical address of the top table, of what is told for it.
    public long root(long told) {
        return told;
    }

    /// True if the entry maps something.
    public abstract boolean isPresent(int level, long entry);

    /// True if the entry, a present one, maps memory itself instead of naming a table. Always so on the last level.
    public abstract boolean isLeaf(int level, long entry);

    /// A leaf maps 2^shift bytes.
    public int leafShift(int level, long entry) {
        return shifts[level];
    }

    /// Physical address of the table that the entry names; that of a leaf may have anything below its size.
    public abstract long address(long entry);

    /// True if the level is the last one.
    final boolean isLast(int level) {
        return level == levels.length - 1;
    }
}
