// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

import org.jspecify.annotations.Nullable;

/// One bit a pfn, off-heap, in the layout of the kdump format: bit of pfn P is bit P mod 8 of byte P / 8, least
/// significant first (formats: kdump bitmaps).
///
/// Memory comes in chunks of 2^20 pfns (128 KiB). A chunk of clear bits takes none, and neither does one of set bits, so
/// a sparse machine costs what it has. Where a [ChunkFile] is given, most of the chunks that are settled lie in it, and
/// of a bitmap that begins as another one's or a file's bits most chunks stay there until they are changed: memory is
/// bounded. Bits at and beyond [#size] stay clear.
///
/// Threads may write at the same time if no 64-bit word (64 pfns, aligned) is written by two of them; what they wrote
/// is visible to others after a join or a queue hand-over, not before. Guarded by BitmapScanBenchmark.
@SuppressWarnings({"ReferenceEquality", "ThreadLocalUsage"}) // two buffers are markers; each bitmap has its own window
public final class PageBitmap implements BitmapSource {
    static final int CHUNK_SHIFT = 20;
    /// Pfns of a chunk: whoever sets bits in order settles so many at a time, or puts them away.
    public static final int CHUNK_PFNS = 1 << CHUNK_SHIFT;
    private static final int CHUNK_MASK = CHUNK_PFNS - 1;
    private static final int CHUNK_BYTES = 1 << (CHUNK_SHIFT - 3);
    /// Settled chunks that stay in memory all the same: 2 MiB, enough for 64 GiB with 4 KiB pages.
    private static final int MOST_SETTLED = 16;
    /// Stands for a chunk whose bits are all set.
    private static final ByteBuffer FULL = ByteBuffer.allocate(0);
    /// Stands for a chunk that lies in the file, or in the source.
    private static final ByteBuffer AWAY = ByteBuffer.allocate(0);
    private static final long NOWHERE = Long.MIN_VALUE;

    private final long size;
    private final @Nullable ChunkFile file;
    private final @Nullable BitmapSource source;
    /// Null: all clear. Changed by compare and set, or by [#settle].
    private final AtomicReferenceArray<@Nullable ByteBuffer> chunks;
    /// How often a chunk that was in the file already was written there anew: what a window holds may be stale.
    private final AtomicLong rewritten = new AtomicLong();
    /// The last chunk of a thread's reading from the file.
    private final ThreadLocal<@Nullable Window> windows = new ThreadLocal<>();
    // All below: guarded by the lock of this.
    private final ArrayDeque<ByteBuffer> spare = new ArrayDeque<>();
    /// Where in the file a chunk lies that is away, plus 1; 0 for one that is in the source.
    private long[] places = {};
    private int settled;
    private int settledInMemory;

    /// A bitmap of size bits, all clear, that lies in memory.
    public PageBitmap(long size) {
        this(size, null, null);
    }

    /// A bitmap with the same bits as the other one, in chunks of its own; they are settled, where the other has a file.
    /// There a large one's own chunks go to the file, and the copy takes over their memory: whoever makes a copy works on with
    /// that. No other thread may be at either.
    public static PageBitmap copyOf(PageBitmap other) {
        PageBitmap copy = new PageBitmap(other.size, other.file);
        boolean large = copy.chunks.length() > MOST_SETTLED;
        for (int i = 0; i < copy.chunks.length(); i++) {
            if (large) {
                other.putAway((long) i << CHUNK_SHIFT);
                copy.spare(other.takeSpare());
            }
            ByteBuffer chunk = other.chunks.get(i);
            if (chunk == null || chunk == FULL) {
                copy.chunks.set(i, chunk);
                continue;
            }
            ByteBuffer fresh = copy.unused();
            if (chunk == AWAY) {
                other.fetch(other.placeOf(i), fresh);
            } else {
                fresh.put(0, chunk, 0, CHUNK_BYTES);
            }
            copy.chunks.set(i, fresh);
            copy.settle((long) (i + 1) << CHUNK_SHIFT);
        }
        return copy;
    }

    /// A bitmap of size bits, all clear.
    ///
    /// @param file where settled chunks go, beyond the first few; null if they are to stay in memory
    public PageBitmap(long size, @Nullable ChunkFile file) {
        this(size, file, null);
    }

    private PageBitmap(long size, @Nullable ChunkFile file, @Nullable BitmapSource source) {
        this.size = size;
        this.file = file;
        this.source = source;
        this.chunks = new AtomicReferenceArray<>(Math.toIntExact((size + CHUNK_MASK) >>> CHUNK_SHIFT));
    }

    /// A bitmap that has the bits of the source, which is read now and, where it is large, whenever bits are asked for.
    ///
    /// @param file where chunks go that were changed and are settled, beyond the first few; null if they are to stay in
    ///        memory
    /// @throws IOException if the source cannot be read; later that is an [UncheckedIOException]
    public static PageBitmap of(long size, BitmapSource source, @Nullable ChunkFile file) throws IOException {
        PageBitmap bitmap = new PageBitmap(size, file, source);
        ByteBuffer chunk = bitmap.unused();
        int away = 0;
        long bytes = (size + Byte.SIZE - 1) / Byte.SIZE;
        long at = source.nextData(0);
        while (at < bytes) {
            int i = (int) (at / CHUNK_BYTES);
            bitmap.readSource(source, i, chunk);
            ByteBuffer marker = bitmap.marker(i, chunk);
            bitmap.chunks.set(i, marker == chunk ? AWAY : marker);
            away += marker == chunk ? 1 : 0;
            at = source.nextData((i + 1L) * CHUNK_BYTES);
        }
        bitmap.spare(chunk);
        for (int i = 0; away <= MOST_SETTLED && i < bitmap.chunks.length(); i++) {
            if (bitmap.chunks.get(i) == AWAY) {
                bitmap.chunkToWrite((long) i << CHUNK_SHIFT);
            }
        }
        return bitmap;
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
        if (chunk == null) {
            return 0;
        }
        if (chunk == FULL) {
            return -1L;
        }
        return (chunk == AWAY ? fetched(pfn) : chunk).getLong(byteOfWord(pfn));
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
            if ((pfn & CHUNK_MASK) == 0 && limit - pfn >= CHUNK_PFNS) {
                spare(chunks.getAndSet((int) (pfn >>> CHUNK_SHIFT), FULL));
                pfn += CHUNK_PFNS;
                continue;
            }
            ByteBuffer chunk = chunkToWrite(pfn);
            int at = byteOfWord(pfn);
            int wholeBytes = byteOfWord(Math.min((pfn | CHUNK_MASK) + 1, limit) - 1) - at;
            if ((pfn & 63) == 0 && wholeBytes > 0) {
                fill(chunk, at, wholeBytes, (byte) -1);
                pfn += (long) wholeBytes * Byte.SIZE;
                continue;
            }
            long wordEnd = Math.min((pfn | 63) + 1, limit);
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
            if (chunks.get((int) (pfn >>> CHUNK_SHIFT)) == null) {
                pfn = (pfn | CHUNK_MASK) + 1;
                continue;
            }
            ByteBuffer chunk = chunkToWrite(pfn);
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
        return nextSet(from, size);
    }

    /// First set bit at or after the pfn and below the limit, or [#size] if that is less; that end if there is none. Whoever goes
    /// from window to window does not look through all that follows in each.
    public long nextSet(long from, long limit) {
        long last = Math.min(limit, size);
        long pfn = from;
        while (pfn < last) {
            ByteBuffer chunk = chunks.get((int) (pfn >>> CHUNK_SHIFT));
            if (chunk == FULL) {
                return pfn;
            }
            long end = Math.min((pfn | CHUNK_MASK) + 1, last);
            if (chunk != null) {
                long found = nextSet(chunk == AWAY ? fetched(pfn) : chunk, pfn, end);
                if (found < end) {
                    return found;
                }
            }
            pfn = end;
        }
        return last;
    }

    private static long nextSet(ByteBuffer chunk, long from, long end) {
        long pfn = from;
        long word = chunk.getLong(byteOfWord(pfn)) & -1L << pfn;
        while (word == 0) {
            pfn = (pfn | 63) + 1;
            if (pfn >= end) {
                return end;
            }
            word = chunk.getLong(byteOfWord(pfn));
        }
        return (pfn & ~63L) + Long.numberOfTrailingZeros(word);
    }

    /// First clear bit at or after the pfn, at most limit.
    public long nextClear(long from, long limit) {
        long end = Math.min(limit, size);
        long pfn = from;
        while (pfn < end) {
            if (chunks.get((int) (pfn >>> CHUNK_SHIFT)) == FULL) {
                pfn = (pfn | CHUNK_MASK) + 1;
                continue;
            }
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
            long stop = Math.min((pfn | CHUNK_MASK) + 1, limit);
            if (chunk == FULL) {
                count += stop - pfn;
            } else if (chunk != null) {
                count += cardinality(chunk == AWAY ? fetched(pfn) : chunk, pfn, stop);
            }
            pfn = stop;
        }
        return count;
    }

    private static long cardinality(ByteBuffer chunk, long start, long stop) {
        long count = 0;
        long pfn = start;
        while (pfn < stop) {
            long wordEnd = Math.min((pfn | 63) + 1, stop);
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
            if (chunk == null || chunk == FULL) {
                fill(target, target.position(), length, (byte) (chunk == null ? 0 : -1));
                target.position(target.position() + length);
            } else {
                ByteBuffer bytes = chunk == AWAY ? fetched((long) index << CHUNK_SHIFT) : chunk;
                target.put(target.position(), bytes, inChunk, length);
                target.position(target.position() + length);
            }
            offset += length;
        }
    }

    @Override
    public void read(long byteOffset, ByteBuffer target) {
        copyBytes(byteOffset, target);
    }

    @Override
    public long nextData(long byteOffset) {
        long pfn = nextSet(byteOffset * Byte.SIZE);
        return pfn < size ? pfn / Byte.SIZE : Long.MAX_VALUE;
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

    /// Says that bits below the pfn will hardly change any more and that no other thread is at them: their chunks may go
    /// where they take no memory. They can still be read and written.
    public synchronized void settle(long pfn) {
        int end = pfn >= size ? chunks.length() : (int) (pfn >>> CHUNK_SHIFT);
        for (; settled < end; settled++) {
            ByteBuffer chunk = chunks.get(settled);
            if (chunk != null && chunk != FULL && chunk != AWAY) {
                settleChunk(settled, chunk);
            }
        }
    }

    private void settleChunk(int index, ByteBuffer chunk) {
        if (file == null || settledInMemory < MOST_SETTLED) {
            settledInMemory += isReplaced(index, chunk) ? 0 : 1;
        } else {
            toFile(index, chunk, file);
        }
    }

    /// Says that the bits around the pfn will not be asked for soon, and that no other thread is at them: where there is
    /// a file, their chunk goes there at once, as often as this is said. They can still be read and written.
    public synchronized void putAway(long pfn) {
        int index = (int) (pfn >>> CHUNK_SHIFT);
        ByteBuffer chunk = chunks.get(index);
        if (file != null && chunk != null && chunk != FULL && chunk != AWAY) {
            toFile(index, chunk, file);
        }
    }

    /// As [#putAway], but the first few chunks stay in memory: for one who goes through the bitmap once.
    public void putAwayBehind(long pfn) {
        if (pfn >>> CHUNK_SHIFT >= MOST_SETTLED) {
            putAway(pfn);
        }
    }

    private void toFile(int index, ByteBuffer chunk, ChunkFile to) {
        if (isReplaced(index, chunk)) {
            return;
        }
        places = places.length == 0 ? new long[chunks.length()] : places;
        long before = places[index] - 1;
        long place = before < 0 ? to.append(chunk) : to.rewrite(before, chunk);
        if (place >= 0) {
            if (before >= 0) {
                rewritten.incrementAndGet();
            }
            places[index] = place + 1;
            chunks.set(index, AWAY);
            spare.push(chunk);
        }
    }

    /// True if a marker stands for the chunk now.
    private boolean isReplaced(int index, ByteBuffer chunk) {
        ByteBuffer marker = marker(index, chunk);
        if (marker == chunk) {
            return false;
        }
        chunks.set(index, marker);
        spare.push(chunk);
        return true;
    }

    /// What stands for the chunk: null, [#FULL], or itself.
    private @Nullable ByteBuffer marker(int index, ByteBuffer chunk) {
        long first = chunk.getLong(0);
        boolean whole = (long) (index + 1) << CHUNK_SHIFT <= size;
        if ((first == 0 || (first == -1 && whole)) && repeats(chunk)) {
            return first == 0 ? null : FULL;
        }
        return chunk;
    }

    /// True if every word is the first one: the chunk is itself, moved by a word.
    private static boolean repeats(ByteBuffer chunk) {
        int rest = CHUNK_BYTES - Long.BYTES;
        return chunk.slice(Long.BYTES, rest).mismatch(chunk.slice(0, rest)) < 0;
    }

    /// What a thread read last of the file.
    private static final class Window {
        final ByteBuffer bytes = newChunk();
        long place = NOWHERE;
        long rewritten;
    }

    /// The chunk of a pfn that is away, until this thread's next call.
    private ByteBuffer fetched(long pfn) {
        Window window = windows.get();
        if (window == null) {
            window = new Window();
            windows.set(window);
        }
        long place = placeOf((int) (pfn >>> CHUNK_SHIFT));
        long now = rewritten.get();
        if (window.place != place || window.rewritten != now) {
            window.place = NOWHERE;
            fetch(place, window.bytes);
            window.place = place;
            window.rewritten = now;
        }
        return window.bytes;
    }

    /// Where in the file the chunk lies; of one that lies in the source, its number's complement.
    private synchronized long placeOf(int index) {
        return places.length == 0 || places[index] == 0 ? ~index : places[index] - 1;
    }

    private void fetch(long place, ByteBuffer bytes) {
        if (place >= 0 && file != null) {
            file.read(place, bytes);
        } else if (place < 0 && source != null) {
            try {
                readSource(source, (int) ~place, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e.getMessage(), e);
            }
        } else {
            throw new IllegalStateException("a chunk of a bitmap is where the bitmap has nothing");
        }
    }

    private void readSource(BitmapSource from, int index, ByteBuffer bytes) throws IOException {
        long start = (long) index << CHUNK_SHIFT;
        int used = (int) Math.min(CHUNK_BYTES, (size - start + Byte.SIZE - 1) / Byte.SIZE);
        from.read(start / Byte.SIZE, bytes.clear().limit(used));
        bytes.clear();
        if (size - start < CHUNK_PFNS) {
            clearTail(bytes, (int) (size - start));
        }
    }

    private static void clearTail(ByteBuffer chunk, int from) {
        int at = byteOfWord(from);
        chunk.putLong(at, chunk.getLong(at) & ~(-1L << from));
        if (at + Long.BYTES < CHUNK_BYTES) {
            fill(chunk, at + Long.BYTES, CHUNK_BYTES - at - Long.BYTES, (byte) 0);
        }
    }

    /// Copies what is filled already behind itself: some twenty calls, where a loop over words is slow until it is compiled.
    private static void fill(ByteBuffer target, int from, int length, byte value) {
        target.put(from, value);
        for (int done = 1; done < length; done += Math.min(done, length - done)) {
            target.put(from + done, target, from, Math.min(done, length - done));
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
        ByteBuffer chunk = chunks.get((int) (pfn >>> CHUNK_SHIFT));
        return chunk != null && chunk != FULL && chunk != AWAY ? chunk : newChunkToWrite((int) (pfn >>> CHUNK_SHIFT));
    }

    private ByteBuffer newChunkToWrite(int index) {
        ByteBuffer fresh = unused();
        while (true) {
            ByteBuffer there = chunks.get(index);
            if (there != null && there != FULL && there != AWAY) {
                spare(fresh);
                return there;
            }
            if (there == AWAY) {
                fetch(placeOf(index), fresh);
            } else {
                fill(fresh, 0, CHUNK_BYTES, (byte) (there == FULL ? -1 : 0));
            }
            if (chunks.compareAndSet(index, there, fresh)) {
                return fresh;
            }
        }
    }

    private synchronized ByteBuffer unused() {
        ByteBuffer chunk = spare.poll();
        return chunk == null ? newChunk() : chunk;
    }

    private synchronized @Nullable ByteBuffer takeSpare() {
        return spare.poll();
    }

    private synchronized void spare(@Nullable ByteBuffer chunk) {
        if (chunk != null && chunk != FULL && chunk != AWAY) {
            spare.push(chunk);
        }
    }

    private static ByteBuffer newChunk() {
        return ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
}
