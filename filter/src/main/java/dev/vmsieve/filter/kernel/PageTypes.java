// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

/// The page types that decide whether a page is dumped; [PageType#NONE] where the crashed kernel does not tell one.
///
/// @param buddy free, in the buddy allocator
/// @param offline ballooned, unplugged, or not yet online
/// @param hugetlb head of a hugetlb folio, since 6.9
/// @param slab a slab, since 6.10
/// @param unaccepted not accepted yet by a confidential guest, since 6.16
public record PageTypes(PageType buddy, PageType offline, PageType hugetlb, PageType slab, PageType unaccepted) {
    private static final long BUDDY_AS_CLEARED_BIT = -129;
    private static final long OFFLINE_AS_CLEARED_BIT = -257;

    /// Asks VMCOREINFO for each type.
    ///
    /// Kernels 5.1 to 6.8 without hugetlb do not export the offline type although they have it.
    static PageTypes resolve(Vmcoreinfo info, KernelRelease release) {
        PageType offline = PageType.of(info.number("PAGE_OFFLINE_MAPCOUNT_VALUE"));
        long buddy = info.number("PAGE_BUDDY_MAPCOUNT_VALUE").orElse(0);
        if (!offline.known() && buddy == BUDDY_AS_CLEARED_BIT && release.atLeast(5, 1) && !release.atLeast(6, 9)) {
            offline = PageType.of(OFFLINE_AS_CLEARED_BIT);
        }
        return new PageTypes(PageType.of(info.number("PAGE_BUDDY_MAPCOUNT_VALUE")), offline,
                PageType.of(info.number("PAGE_HUGETLB_MAPCOUNT_VALUE")),
                PageType.of(info.number("PAGE_SLAB_MAPCOUNT_VALUE")),
                PageType.of(info.number("PAGE_UNACCEPTED_MAPCOUNT_VALUE")));
    }
}
