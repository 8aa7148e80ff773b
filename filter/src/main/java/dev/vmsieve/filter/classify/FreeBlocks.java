// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import java.util.Arrays;

import dev.vmsieve.filter.bitmap.ScatteredPages;

/// Blocks of free pages in the order of the free lists, which is none: gathered, sorted, and then laid into the bitmap, so
/// that of a large machine each part of the bitmap is touched once for some ten thousand blocks.
final class FreeBlocks {
    /// 256 KiB.
    private static final int MOST = 1 << 15;
    /// Of an entry: the order is below, the pfn above.
    private static final int ORDER_BITS = 6;
    private static final int ORDER_MASK = (1 << ORDER_BITS) - 1;

    private final ScatteredPages pages;
    private final long[] blocks = new long[MOST];
    private int count;

    FreeBlocks(ScatteredPages pages) {
        this.pages = pages;
    }

    /// Highest pfn that may be in a block, plus one.
    long size() {
        return pages.bitmap().size();
    }

    /// Adds 2^order pages, from the pfn on.
    void add(long pfn, int order) {
        if (count == MOST) {
            lay();
        }
        blocks[count++] = (pfn << ORDER_BITS) | order;
    }

    /// Sets the bits of all blocks that were added.
    void lay() {
        Arrays.sort(blocks, 0, count);
        for (int i = 0; i < count; i++) {
            long pfn = blocks[i] >>> ORDER_BITS;
            pages.setRange(pfn, pfn + (1L << (blocks[i] & ORDER_MASK)));
        }
        count = 0;
    }
}
