// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;

import dev.vmsieve.filter.arch.TableFormat;

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

    private final TableFormat format;
    private final long root;

    /// @param root physical address of the top table
    public PageTable(TableFormat format, long root) {
        this.format = format;
        this.root = format.root(root);
    }

    /// Levels, and what entries mean.
    public TableFormat format() {
        return format;
    }

    /// Physical address of the top table.
    public long root() {
        return root;
    }

    /// Number of levels.
    public int levelCount() {
        return format.levelCount();
    }

    /// Follows the tables from the root to what the address maps to.
    ///
    /// @throws IOException if the input fails as a whole
    public Translation walk(long kvaddr, Entries entries) throws IOException {
        if (!format.isCanonical(kvaddr)) {
            return new Translation.NotPresent(format.level(0), Translation.NotPresent.NOT_CANONICAL, 0);
        }
        long table = root;
        if (!entries.isStored(table)) {
            return new Translation.NotPresent(format.level(0), format.index(kvaddr, 0), 0);
        }
        for (int i = 0;; i++) {
            int index = format.index(kvaddr, i);
            long entry = entries.entry(i, table, index);
            if (!format.isPresent(i, entry)) {
                return new Translation.NotPresent(format.level(i), index, entry);
            }
            long target = format.address(entry);
            if (format.isLeaf(i, entry)) {
                long bytes = 1L << format.leafShift(i, entry);
                long into = kvaddr & bytes - 1;
                target = (target & -bytes) | into;
                return entries.isTarget(target)
                        ? new Translation.Mapped(target, bytes - into)
                        : new Translation.NotPresent(format.level(i), index, entry);
            }
            if (!entries.isStored(target)) {
                return new Translation.NotPresent(format.level(i), index, entry);
            }
            table = target;
        }
    }
}
