// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.util.OptionalLong;

/// Bits of page.flags, as masks; 0 where the crashed kernel has no such flag.
///
/// @param lru PG_lru
/// @param priv PG_private
/// @param swapCache all bits that a page in the swap cache has: PG_swapcache, and PG_swapbacked where PG_swapcache
///        shares its bit with flags of file systems (Linux commit 6326fec1122c, in v4.10)
/// @param slab PG_slab; 0 where slab is a page type (Linux commit 46df8e73a4a3, in v6.10)
/// @param head PG_head
/// @param hwpoison PG_hwpoison
/// @param buddy PG_buddy of 2.6.17 to 2.6.37, told by no kernel, only by a file made from its vmlinux
public record PageFlags(long lru, long priv, long swapCache, long slab, long head, long hwpoison, long buddy) {
    private static final long PG_LRU = 5;
    private static final long PG_SLAB = 7;
    private static final long PG_PRIVATE = 11;
    private static final long PG_SWAPCACHE = 15;
    private static final long HEAD_MASK = 1 << 14;
    /// PG_swapbacked - PG_private in 4.10 to 4.16, which do not export PG_swapbacked.
    private static final long SWAPBACKED_AFTER_PRIVATE = 6;

    /// Asks VMCOREINFO for each flag; what it does not tell is as in kernels that did not tell it yet.
    static PageFlags resolve(Vmcoreinfo info) {
        long priv = info.number("PG_private").orElse(PG_PRIVATE);
        long swapCache = info.number("PG_swapcache").orElse(PG_SWAPCACHE);
        OptionalLong swapBacked = info.number("PG_swapbacked");
        long swap = bit(swapCache);
        if (swapBacked.isPresent()) {
            swap |= bit(swapBacked.getAsLong());
        } else if (swapCache < priv) {
            swap |= bit(priv + SWAPBACKED_AFTER_PRIVATE);
        }
        boolean slabIsType = info.number("PAGE_SLAB_MAPCOUNT_VALUE").isPresent();
        return new PageFlags(bit(info.number("PG_lru").orElse(PG_LRU)), bit(priv), swap,
                slabIsType ? 0 : bit(info.number("PG_slab").orElse(PG_SLAB)),
                info.number("PG_head_mask").orElse(HEAD_MASK), bitOrNone(info.number("PG_hwpoison")),
                bitOrNone(info.number("PG_buddy")));
    }

    static long bitOrNone(OptionalLong number) {
        return number.isPresent() ? bit(number.getAsLong()) : 0;
    }

    private static long bit(long number) {
        return number >= 0 && number < Long.SIZE ? 1L << number : 0;
    }
}
