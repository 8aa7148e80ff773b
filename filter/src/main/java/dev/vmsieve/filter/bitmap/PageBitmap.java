// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// One bit a pfn, off-heap, in the layout of the kdump format: bit of pfn P is bit P mod 8 of byte P / 8, least
/// significant first (formats: kdump bitmaps).
///
/// Memory comes in chunks of 2^20 pfns (128 KiB), allocated when a bit in them is first set, so a sparse machine costs
/// what it has. Bits at and beyond [#size] stay clear.
///
/// Threads may write at the same time if no 64-bit word (64 pfns, aligned) is written by two of them; what they wrote
/// is visible to others after a join or a queue hand-over, not before.
public final class PageBitmap {
    private static final int CHUNK_SHIFT = 20;
    private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
    private static final int CHUNK_BYTES = 1 << (CHUNK_SHIFT - 3);

    private final long size;
    /// Null: all clear. Written once each, by compare and set.
    private final AtomicReferenceArray<ByteBuffer> chunks;

    /// A bitmap with the same bits as the other one, and memory of its own.
    public static PageBitmap copyOf(PageBitmap other) {
        PageBitmap copy = new PageBitmap(other.size);
        for (int i = 0; i < copy.chunks.length(); i++) {
            ByteBuffer chunk = other.chunks.get(i);
            if (chunk != null) {
                ByteBuffer fresh = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                copy.chunks.set(i, fresh.put(0, chunk, 0, CHUNK_BYTES));
            }
        }
        return copy;
    }

    /// A bitmap of size bits, all clear.
    public PageBitmap(long size) {
        this.size = size;
        this.chunks = new AtomicReferenceArray<>(Math.toIntExact((size + CHUNK_MASK) >>> CHUNK_SHIFT));
    }

    /// Number of bits; pfns from 0 on.
    public long size() {
        return size;
    }

    /// True if the pfn's bit is set; false beyond [#size].
    public boolean get(long pfn) {
        return pfn < size && (word(pfn) >>> pfn & 1) != 0;
    }

    /// The 64 bits of the aligned word that holds the pfn, the lowest pfn in bit 0.
    public long word(long pfn) {
        ByteBuffer chunk = chunks.get((int) (pfn >>> CHUNK_SHIFT));
        return chunk == null ? 0 : chunk.getLong(byteOfWord(pfn));
    }

    /// Sets one bit.
    public void set(long pfn) {
        setRange(pfn, pfn + 1);
    }

    /// Clears one bit.
    public void clear(long pfn) {
        clearRange(pfn, pfn + 1);
    }

    /// Sets the bits from start to end, exclusive; the part beyond [#size] is ignored.
    public void setRange(long start, long end) {
        long limit = Math.min(end, size);
        long pfn = start;
        while (pfn < limit) {
            long wordEnd = Math.min((pfn | 63) + 1, limit);
            ByteBuffer chunk = chunkToWrite(pfn);
            int at = byteOfWord(pfn);
            chunk.putLong(at, chunk.getLong(at) | maskOf(pfn, wordEnd));
            pfn = wordEnd;
        }
    }

    /// Clears the bits from start to end, exclusive; the part beyond [#size] is ignored.
    ///
    /// @return how many bits were set before
    public long clearRange(long start, long end) {
        long limit = Math.min(end, size);
        long cleared = 0;
        long pfn = start;
        while (pfn < limit) {
            ByteBuffer chunk = chunks.get((int) (pfn >>> CHUNK_SHIFT));
            if (chunk == null) {
                pfn = (pfn | CHUNK_MASK) + 1;
                continue;
            }
            long wordEnd = Math.min((pfn | 63) + 1, limit);
            int at = byteOfWord(pfn);
            long word = chunk.getLong(at);
            long mask = maskOf(pfn, wordEnd);
            cleared += Long.bitCount(word & mask);
            chunk.putLong(at, word & ~mask);
            pfn = wordEnd;
        }
        return cleared;
    }

    /// First set bit at or after the pfn; [#size] if there is none.
    public long nextSet(long from) {
        long pfn = from;
        while (pfn < size) {
            ByteBuffer chunk = chunks.get((int) (pfn >>> CHUNK_SHIFT));
            if (chunk == null) {
                pfn = (pfn | CHUNK_MASK) + 1;
                continue;
            }
            long word = chunk.getLong(byteOfWord(pfn)) & -1L << pfn;
            if (word != 0) {
                return (pfn & ~63L) + Long.numberOfTrailingZeros(word);
            }
            pfn = (pfn | 63) + 1;
        }
        return size;
    }

    /// First clear bit at or after the pfn, at most limit.
    public long nextClear(long from, long limit) {
        long end = Math.min(limit, size);
        long pfn = from;
        while (pfn < end) {
            long word = ~word(pfn) & -1L << pfn;
            if (word != 0) {
                return Math.min((pfn & ~63L) + Long.numberOfTrailingZeros(word), end);
            }
            pfn = (pfn | 63) + 1;
        }
        return Math.max(from, end);
    }

    /// Number of set bits.
    public long cardinality() {
        return cardinality(0, size);
    }

    /// Number of set bits from start to end, exclusive.
    public long cardinality(long start, long end) {
        long limit = Math.min(end, size);
        long count = 0;
        long pfn = start;
        while (pfn < limit) {
            ByteBuffer chunk = chunks.get((int) (pfn >>> CHUNK_SHIFT));
            if (chunk == null) {
                pfn = (pfn | CHUNK_MASK) + 1;
                continue;
            }
            long wordEnd = Math.min((pfn | 63) + 1, limit);
            count += Long.bitCount(chunk.getLong(byteOfWord(pfn)) & maskOf(pfn, wordEnd));
            pfn = wordEnd;
        }
        return count;
    }

    /// Fills the target, from its position to its limit, with the bitmap's bytes from byteOffset on; bytes past the
    /// end are 0.
    public void copyBytes(long byteOffset, ByteBuffer target) {
        long offset = byteOffset;
        while (target.hasRemaining()) {
            int inChunk = (int) (offset & CHUNK_BYTES - 1);
            int length = Math.min(target.remaining(), CHUNK_BYTES - inChunk);
            int index = (int) (offset / CHUNK_BYTES);
            ByteBuffer chunk = index < chunks.length() ? chunks.get(index) : null;
            if (chunk == null) {
                zero(target, length);
            } else {
                target.put(target.position(), chunk, inChunk, length);
                target.position(target.position() + length);
            }
            offset += length;
        }
    }

    /// Sets this bitmap's bytes from byteOffset (a multiple of 8) on to the source's remaining bytes; bits beyond
    /// [#size] are dropped.
    public void setBytes(long byteOffset, ByteBuffer source) {
        Objects.checkIndex(byteOffset & 7, 1);
        ByteBuffer bytes = source.slice().order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < bytes.limit(); at += 8) {
            long pfn = (byteOffset + at) * 8;
            if (pfn >= size) {
                return;
            }
            long word = 0;
            if (at + 8 <= bytes.limit()) {
                word = bytes.getLong(at);
            } else {
                for (int i = at; i < bytes.limit(); i++) {
                    word |= (bytes.get(i) & 0xffL) << (8 * (i - at));
                }
            }
            setWord(pfn, word);
        }
    }

    /// Replaces the 64 bits of the aligned word that holds the pfn.
    public void setWord(long pfn, long word) {
        long kept = word & maskOf(pfn & ~63L, Math.min((pfn | 63) + 1, size));
        if (kept != 0 || chunks.get((int) (pfn >>> CHUNK_SHIFT)) != null) {
            chunkToWrite(pfn).putLong(byteOfWord(pfn), kept);
        }
    }

    private static void zero(ByteBuffer target, int length) {
        for (int i = 0; i < length; i++) {
            target.put((byte) 0);
        }
    }

    private static int byteOfWord(long pfn) {
        return ((int) pfn & CHUNK_MASK) >>> 6 << 3;
    }

    /// Bits of one word from pfn to end, both in that word, end exclusive.
    private static long maskOf(long pfn, long end) {
        return -1L << pfn & -1L >>> -end;
    }

    private ByteBuffer chunkToWrite(long pfn) {
        int index = (int) (pfn >>> CHUNK_SHIFT);
        ByteBuffer chunk = chunks.get(index);
        if (chunk != null) {
            return chunk;
        }
        ByteBuffer fresh = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer other = chunks.compareAndExchange(index, null, fresh);
        return other == null ? fresh : other;
    }
}
