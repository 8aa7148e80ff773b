// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

/// How many bits of a bitmap are set below a pfn.
///
/// Counts are kept for every 2^20 pfns, and within those for every 32768 where any bit is set, two bytes each, so that a
/// sparse machine costs what it has: at most 1.3 MiB for 64 TiB of 4 KiB pages. Immutable once made, and wrong when the
/// bitmap changes.
public final class PageRanks {
    private static final int CHUNK_SHIFT = PageBitmap.CHUNK_SHIFT;
    private static final int BLOCK_SHIFT = 15; // counts fit two bytes without a sign
    private static final int BLOCKS = 1 << (CHUNK_SHIFT - BLOCK_SHIFT);
    private static final short[] EMPTY = {};
    /// A cursor counts on to pfns that are this near.
    private static final long NEAR = 4096;

    private final PageBitmap pages;
    /// Bits set below each 2^20 pfns.
    private final long[] chunkCounts;
    /// For each 2^20 pfns: bits set in each 32768 of them; empty where there are none.
    private final short[][] blockCounts;

    /// Counts the bits of a bitmap.
    public PageRanks(PageBitmap pages) {
        this.pages = pages;
        int chunks = Math.toIntExact((pages.size() >>> CHUNK_SHIFT) + 1);
        this.chunkCounts = new long[chunks];
        this.blockCounts = new short[chunks][];
        count();
    }

    private void count() {
        long before = 0;
        long next = pages.nextSet(0);
        for (int chunk = 0; chunk < chunkCounts.length; chunk++) {
            chunkCounts[chunk] = before;
            blockCounts[chunk] = EMPTY;
            long start = (long) chunk << CHUNK_SHIFT;
            long end = Math.min(start + (1L << CHUNK_SHIFT), pages.size());
            if (next < end) {
                next = pages.nextSet(end);
                short[] counts = new short[BLOCKS];
                for (int block = 0; block < BLOCKS; block++) {
                    long from = start + ((long) block << BLOCK_SHIFT);
                    counts[block] = (short) pages.cardinality(from, from + (1L << BLOCK_SHIFT));
                    before += counts[block] & 0xffff;
                }
                blockCounts[chunk] = counts;
            }
        }
    }

    /// Bits set below the pfn, which is at most the bitmap's size.
    public long below(long pfn) {
        int chunk = (int) (pfn >>> CHUNK_SHIFT);
        long count = chunkCounts[chunk];
        short[] counts = blockCounts[chunk];
        if (counts.length == 0) {
            return count;
        }
        int block = (int) (pfn >>> BLOCK_SHIFT) & BLOCKS - 1;
        for (int i = 0; i < block; i++) {
            count += counts[i] & 0xffff;
        }
        long start = pfn >>> BLOCK_SHIFT << BLOCK_SHIFT;
        return count + pages.cardinality(start, pfn);
    }

    /// Bits set in all.
    public long total() {
        return below(pages.size());
    }

    /// A cursor at pfn 0.
    public Cursor cursor() {
        return new Cursor();
    }

    /// For pfns that mostly are asked for in order: it counts on from the last one where that is less. For one thread.
    public final class Cursor {
        private long last;
        private long belowLast;

        private Cursor() {}

        /// Bits set below the pfn, which is at most the bitmap's size.
        public long below(long pfn) {
            boolean near = pfn >= last && pfn - last <= NEAR;
            belowLast = near ? belowLast + pages.cardinality(last, pfn) : PageRanks.this.below(pfn);
            last = pfn;
            return belowLast;
        }
    }
}
