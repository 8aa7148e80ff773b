// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.filter.arch.Level;

/// The walk of one kernel virtual address, level by level, for people to read.
///
/// @param steps the entries that were read, top first
/// @param result where they lead, be it to memory that is not in the dump: a device, or a page that was left out
public record PageWalk(List<Step> steps, Translation result) {
    /// One entry.
    ///
    /// @param level whose it is
    /// @param paddr where it lies, a physical address
    /// @param entry what it is
    public record Step(Level level, long paddr, long entry) {}

    /// Walks the kernel's page table.
    public static PageWalk of(Kernel kernel, long kvaddr) throws IOException {
        PageTable table = kernel.pageTable();
        List<Step> steps = new ArrayList<>();
        try (KernelMemory memory = kernel.newMemory()) {
            Translation result = table.walk(kvaddr, new PageTable.Entries() {
                @Override
                public boolean isStored(long paddr) {
                    return memory.isStored(paddr);
                }

                @Override
                public boolean isTarget(long paddr) {
                    return true;
                }

                @Override
                public long entry(int level, long tablePaddr, int index) throws IOException {
                    long entry = memory.entry(level, tablePaddr, index);
                    steps.add(new Step(table.format().level(level), tablePaddr + (long) index * Long.BYTES, entry));
                    return entry;
                }
            });
            return new PageWalk(List.copyOf(steps), result);
        }
    }
}
