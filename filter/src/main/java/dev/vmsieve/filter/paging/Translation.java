// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import dev.vmsieve.filter.arch.Level;

/// What a kernel virtual address means.
public sealed interface Translation {
    /// The address is mapped.
    ///
    /// @param paddr physical address in bytes
    /// @param bytes how far the same entry maps on: from the address to the end of its page, at least 1
    record Mapped(long paddr, long bytes) implements Translation {}

    /// The walk stopped. Either the entry's present bit is clear, or it names memory that is not in the dump.
    ///
    /// @param level the level whose entry stopped the walk
    /// @param index the entry's place in its table; [#NOT_CANONICAL] if the address itself is impossible
    /// @param entry the entry as it is in memory; 0 if its table is not in the dump
    record NotPresent(Level level, int index, long entry) implements Translation {
        /// Index of the answer for an address that the processor would refuse.
        public static final int NOT_CANONICAL = -1;

        /// For messages: `pmd[3] = 0x0`.
        public String describe() {
            if (index == NOT_CANONICAL) {
                return "address not canonical";
            }
            return level.label() + "[" + index + "] = 0x" + Long.toHexString(entry);
        }
    }
}
