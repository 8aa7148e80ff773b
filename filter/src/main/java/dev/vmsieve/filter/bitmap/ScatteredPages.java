// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/// A bitmap whose bits are set in any order, in bounded memory: the chunks touched last are at hand, the others go to the
/// file. For one thread at a time; once all bits are set, any thread may read [#bitmap].
///
/// Each bit that lies in a chunk not at hand costs a chunk written and one read (256 KiB), so whoever has many of them
/// sorts them first.
public final class ScatteredPages {
    /// Chunks at hand: 2 MiB, enough for 64 GiB with 4 KiB pages.
    private static final int MOST_AT_HAND = 16;
    private static final int NONE = -1;

    private final PageBitmap bitmap;
    /// Numbers of the chunks at hand, in a ring; the next one takes the place of the one that came first.
    private final int[] atHand = new int[MOST_AT_HAND];
    private int oldest;

    /// A bitmap of size bits, all clear.
    ///
    /// @param file where chunks go; null if they are to stay in memory
    public ScatteredPages(long size, @Nullable ChunkFile file) {
        this.bitmap = new PageBitmap(size, file);
        Arrays.fill(atHand, NONE);
    }

    /// The bits as they are.
    public PageBitmap bitmap() {
        return bitmap;
    }

    /// Sets the bits from start to end, exclusive; the part beyond the bitmap's size is ignored.
    public void setRange(long start, long end) {
        long limit = Math.min(end, bitmap.size());
        for (long pfn = start; pfn < limit;) {
            long chunkEnd = Math.min(((pfn >>> PageBitmap.CHUNK_SHIFT) + 1) << PageBitmap.CHUNK_SHIFT, limit);
            touch((int) (pfn >>> PageBitmap.CHUNK_SHIFT));
            bitmap.setRange(pfn, chunkEnd);
            pfn = chunkEnd;
        }
    }

    private void touch(int chunk) {
        for (int there : atHand) {
            if (there == chunk) {
                return;
            }
        }
        if (atHand[oldest] != NONE) {
            bitmap.putAway((long) atHand[oldest] << PageBitmap.CHUNK_SHIFT);
        }
        atHand[oldest] = chunk;
        oldest = (oldest + 1) % MOST_AT_HAND;
    }
}
