// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

/// What a page holds, as far as a dump level can ask for it. A page is of one kind only: the first that applies in the
/// order free, cache, user, hwpoison, offline, and zero last, of those the level asks for.
public enum PageKind {
    /// Every byte is zero; found where the bytes are, never from the struct page.
    ZERO(0, 1),
    /// Page cache without private data of a file system: clean and dirty file pages, tmpfs, shared memory.
    NON_PRIVATE_CACHE(1, 2 | 4),
    /// Page cache with private data of a file system, such as buffer heads.
    PRIVATE_CACHE(2, 4),
    /// Anonymous pages, and all hugetlb pages.
    USER(3, 8),
    /// Pages in the buddy allocator's lists, and memory not accepted yet.
    FREE(4, 16),
    /// A memory error was found in the page. Left out at every level, and never read.
    HWPOISON(5, 0),
    /// Ballooned, unplugged, or not yet online. Left out at every level.
    OFFLINE(6, 0),
    /// All other pages; kept at every level.
    KERNEL(7, 0);

    /// Number of kinds.
    static final int COUNT = 8;

    private static final PageKind[] KINDS = values();

    private final int index;
    private final int levelBits;

    PageKind(int index, int levelBits) {
        this.index = index;
        this.levelBits = levelBits;
    }

    /// Place in an array by kind, from 0 to [#COUNT] - 1.
    int index() {
        return index;
    }

    /// The kind with that index.
    static PageKind at(int index) {
        return KINDS[index];
    }

    /// The bits of a dump level each of which leaves this kind out; 0 where no bit decides.
    int levelBits() {
        return levelBits;
    }
}
