// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageBitmapTest {
    private static final int CHUNK = 1 << 20;

    @TempDir
    private Path folder;

    /// More chunks than stay in memory, so some are in the file; against a plain set of bits.
    @Test
    void behavesTheSameWhereverItsChunksLie() {
        long seed = 20261121;
        SplittableRandom random = new SplittableRandom(seed);
        long size = 40L * CHUNK + 12_345;
        PageBitmap bitmap = new PageBitmap(size, new ChunkFile(folder));
        BitSet expected = new BitSet();
        for (int step = 0; step < 400; step++) {
            long start = random.nextLong(size);
            long end = Math.min(size, start + (1L << random.nextInt(23)));
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    bitmap.setRange(start, end);
                    expected.set((int) start, (int) end);
                }
                case 2 -> {
                    int before = expected.cardinality();
                    expected.clear((int) start, (int) end);
                    assertThat(bitmap.clearRange(start, end)).isEqualTo(before - expected.cardinality());
                }
                default -> bitmap.settle(start);
            }
            if (step % 100 == 99) {
                bitmap.settle(size);
                assertSame(bitmap, expected, "step " + step + " of seed " + seed);
                PageBitmap copy = PageBitmap.copyOf(bitmap);
                assertSame(copy, expected, "copy at step " + step + " of seed " + seed);
                copy.setRange(0, size);
                assertSame(bitmap, expected, "after its copy changed, step " + step + " of seed " + seed);
            }
        }
    }

    @Test
    void keepsChunksInTheFileReadableByAllThreads() throws InterruptedException {
        PageBitmap bitmap = noise(48);
        BitSet expected = BitSet.valueOf(bytes(bitmap));
        bitmap.settle(bitmap.size());
        PageBitmap[] seen = new PageBitmap[4];
        Thread[] threads = new Thread[seen.length];
        for (int i = 0; i < threads.length; i++) {
            PageBitmap copy = new PageBitmap(bitmap.size());
            seen[i] = copy;
            threads[i] = new Thread(() -> {
                for (long pfn = bitmap.nextSet(0); pfn < bitmap.size(); pfn = bitmap.nextSet(pfn + 1)) {
                    copy.set(pfn);
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (PageBitmap copy : seen) {
            assertThat(BitSet.valueOf(bytes(copy))).isEqualTo(expected);
        }
    }

    @Test
    void leavesNoFileBehind() throws IOException {
        PageBitmap bitmap = noise(40);
        bitmap.settle(bitmap.size());
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
        assertThat(bitmap.cardinality()).isEqualTo(40 * CHUNK / 64);
    }

    @Test
    void staysInMemoryWhereNoFileCanBeMade() {
        PageBitmap bitmap = new PageBitmap(40L * CHUNK, new ChunkFile(folder.resolve("missing")));
        for (long pfn = 5; pfn < bitmap.size(); pfn += CHUNK) {
            bitmap.set(pfn);
        }
        bitmap.settle(bitmap.size());
        assertThat(bitmap.cardinality()).isEqualTo(40);
        assertThat(bitmap.nextSet(39L * CHUNK)).isEqualTo(39L * CHUNK + 5);
        assertThat(bitmap.nextSet(39L * CHUNK, 39L * CHUNK + 6)).isEqualTo(39L * CHUNK + 5);
        assertThat(bitmap.nextSet(39L * CHUNK, 39L * CHUNK + 5)).isEqualTo(39L * CHUNK + 5);
        assertThat(bitmap.nextSet(39L * CHUNK, 39L * CHUNK + 4)).isEqualTo(39L * CHUNK + 4);
        assertThat(bitmap.nextSet(39L * CHUNK, Long.MAX_VALUE)).isEqualTo(39L * CHUNK + 5);
    }

    /// As its source says at first, and changed bits count from then on: in memory, in the file, and where it was not
    /// touched.
    @Test
    void beginsWithTheBitsOfItsSource() throws IOException {
        PageBitmap source = new PageBitmap(40L * CHUNK, new ChunkFile(folder));
        for (long pfn = 0; pfn < source.size(); pfn += 5003) {
            source.set(pfn);
        }
        source.settle(source.size());
        source.setRange(20L * CHUNK, 23L * CHUNK);
        source.clearRange(30L * CHUNK, 32L * CHUNK);
        for (ChunkFile file : new ChunkFile[]{null, new ChunkFile(folder), new ChunkFile(folder.resolve("missing"))}) {
            PageBitmap bitmap = PageBitmap.of(source.size() - 77, source, file);
            BitSet expected = BitSet.valueOf(bytes(source));
            expected.clear((int) source.size() - 77, (int) source.size());
            assertSame(bitmap, expected, "untouched");
            for (int chunk = 0; chunk < 40; chunk += 3) {
                int start = chunk * CHUNK + 500;
                bitmap.clearRange(start, start + 5000);
                expected.clear(start, start + 5000);
                bitmap.set(start + 7);
                expected.set(start + 7);
                bitmap.settle(start);
            }
            assertSame(bitmap, expected, "changed");
            bitmap.settle(bitmap.size());
            assertSame(bitmap, expected, "settled");
            assertSame(PageBitmap.copyOf(bitmap), expected, "copied");
            assertSame(bitmap, expected, "after it was copied");
            bitmap.setRange(0, bitmap.size());
            expected.set(0, (int) bitmap.size());
            assertSame(bitmap, expected, "full");
        }
    }

    @Test
    void tellsWhenItsSourceCannotBeRead() throws IOException {
        boolean[] broken = {false};
        PageBitmap bitmap = PageBitmap.of(40L * CHUNK, (offset, target) -> {
            if (broken[0]) {
                throw new IOException("[dump] kdump bitmaps: cannot be read");
            }
            target.put((byte) 5).position(target.limit());
        }, null);
        assertThat(bitmap.word(0)).isEqualTo(5);
        assertThat(bitmap.word(39L * CHUNK)).isEqualTo(5);
        broken[0] = true;
        assertThatThrownBy(() -> bitmap.word(38L * CHUNK)).isInstanceOf(UncheckedIOException.class)
                .hasMessage("[dump] kdump bitmaps: cannot be read");
    }

    @Test
    void keepsBitsBeyondTheEndClear() {
        PageBitmap bitmap = new PageBitmap(CHUNK + 7);
        bitmap.setRange(0, 2L * CHUNK);
        bitmap.settle(2L * CHUNK);
        assertThat(bitmap.cardinality()).isEqualTo(CHUNK + 7);
        assertThat(bitmap.get(CHUNK + 6)).isTrue();
        assertThat(bitmap.get(CHUNK + 7)).isFalse();
        assertThat(bitmap.word(CHUNK)).isEqualTo(0x7f);
        ByteBuffer last = ByteBuffer.allocate(4);
        bitmap.copyBytes(CHUNK / 8 - 1, last);
        assertThat(last.array()).containsExactly(0xff, 0x7f, 0, 0);
    }

    /// One bit in 64 at a place that differs from chunk to chunk.
    private PageBitmap noise(int chunks) {
        PageBitmap bitmap = new PageBitmap((long) chunks * CHUNK, new ChunkFile(folder));
        for (long pfn = 0; pfn < bitmap.size(); pfn += 64) {
            bitmap.setWord(pfn, 1L << (pfn >>> 20));
        }
        return bitmap;
    }

    private static void assertSame(PageBitmap bitmap, BitSet expected, String what) {
        assertThat(bitmap.cardinality()).as(what).isEqualTo(expected.cardinality());
        assertThat(BitSet.valueOf(bytes(bitmap))).as(what).isEqualTo(expected);
        long pfn = -1;
        for (int bit = expected.nextSetBit(0); bit >= 0; bit = expected.nextSetBit(expected.nextClearBit(bit))) {
            pfn = bitmap.nextSet(pfn + 1);
            assertThat(pfn).as(what).isEqualTo(bit);
            pfn = bitmap.nextClear(pfn, bitmap.size());
            assertThat(pfn).as(what).isEqualTo(Math.min(bitmap.size(), expected.nextClearBit(bit)));
        }
    }

    private static byte[] bytes(PageBitmap bitmap) {
        ByteBuffer all = ByteBuffer.allocate((int) (bitmap.size() / 8 + 1));
        bitmap.copyBytes(0, all);
        return Arrays.copyOf(all.array(), all.capacity());
    }
}
