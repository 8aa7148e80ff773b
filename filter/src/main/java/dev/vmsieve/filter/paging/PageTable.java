// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;

import dev.vmsieve.filter.arch.Architecture;
import dev.vmsieve.filter.arch.Level;

/// A kernel's page table: where its root is and how it is walked. Immutable; the walk's memory is the caller's.
///
/// A walk takes as many steps as there are levels, whatever the entries say, so a table that points to itself cannot hang
/// it. Guarded by PageWalkBenchmark.
public final class PageTable {
    /// Where a walk gets its entries from.
    public interface Entries {
        /// True if the page at the physical address is in the dump.
        boolean isStored(long paddr);

        /// True if an address that maps to this physical address counts as mapped; else only memory in the dump does.
        default boolean isTarget(long paddr) {
            return isStored(paddr);
        }

        /// The entry of a table that is stored.
        ///
        /// @param level counted from the top, 0 first: a cache may keep one table for each
        long entry(int level, long tablePaddr, int index) throws IOException;
    }

    private final Architecture architecture;
    private final Level[] levels;
    private final int[] shifts;
    private final long root;
    private final long addressMask;
    private final int indexMask;

    /// @param root physical address of the top table
    /// @param levelCount one of the architecture's counts
    /// @param encryptionMask bits of an entry that are no address though they lie in it: NUMBER(sme_mask)
    public PageTable(Architecture architecture, long root, int levelCount, long encryptionMask) {
        this.architecture = architecture;
        this.levels = architecture.levels(levelCount);
        this.shifts = new int[levelCount];
        for (int i = 0; i < levelCount; i++) {
            shifts[i] = architecture.shift(levelCount - 1 - i);
        }
        this.addressMask = architecture.addressMask() & ~encryptionMask;
        this.root = root & addressMask;
        this.indexMask = architecture.entriesPerTable() - 1;
    }

    /// Physical address of the top table.
    public long root() {
        return root;
    }

    /// Number of levels.
    public int levelCount() {
        return levels.length;
    }

    /// Follows the tables from the root to what the address maps to.
    ///
    /// @throws IOException if the input fails as a whole
    public Translation walk(long kvaddr, Entries entries) throws IOException {
        if (!architecture.isCanonical(kvaddr, levels.length)) {
            return new Translation.NotPresent(levels[0], Translation.NotPresent.NOT_CANONICAL, 0);
        }
        long table = root;
        if (!entries.isStored(table)) {
            return new Translation.NotPresent(levels[0], index(kvaddr, 0), 0);
        }
        for (int i = 0;; i++) {
            int index = index(kvaddr, i);
            long entry = entries.entry(i, table, index);
            if (!architecture.isPresent(entry)) {
                return new Translation.NotPresent(levels[i], index, entry);
            }
            boolean leaf = architecture.isLeaf(levels[i], entry);
            long inPage = kvaddr & (1L << shifts[i]) - 1;
            long target = leaf ? (entry & addressMask & -(1L << shifts[i])) | inPage : entry & addressMask;
            if (!(leaf ? entries.isTarget(target) : entries.isStored(target))) {
                return new Translation.NotPresent(levels[i], index, entry);
            }
            if (leaf) {
                return new Translation.Mapped(target, (1L << shifts[i]) - inPage);
            }
            table = target;
        }
    }

    private int index(long kvaddr, int level) {
        return (int) (kvaddr >>> shifts[level]) & indexMask;
    }
}
