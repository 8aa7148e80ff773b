// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

/// Where the fields of the crashed kernel's struct page lie; offsets in bytes from its start.
///
/// @param bytes size of a struct page
/// @param flags a word
/// @param mapping a word
/// @param mapcount 32 bits, shared with page_type; [#ABSENT] before 3.9
/// @param priv the word called private; [#ABSENT] before 3.9
/// @param compoundHead the word whose bit 0 marks a tail page: compound_head, or compound_info since 7.1; [#ABSENT]
///        before 4.4
/// @param maskTails a tail may hold a mask of its address in place of its head's address, and no struct page is an
///        alias of another: true where the field is called compound_info
/// @param lru a list_head; [#ABSENT] if not told
public record StructPage(int bytes, int flags, int mapping, int mapcount, int priv, int compoundHead, boolean maskTails,
        int lru) {
    /// The kernel has no such field, or does not tell where.
    public static final int ABSENT = -1;

    /// True if a free page can be told from its struct page.
    public boolean marksFreePages() {
        return mapcount != ABSENT && priv != ABSENT;
    }
}
