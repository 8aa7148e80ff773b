// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScatteredPagesTest {
    private static final int CHUNK = 1 << 20;
    private static final long MIB = 1 << 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void hasTheBitsThatWereSetInWhateverOrder(boolean withFile) {
        long seed = 20261121;
        SplittableRandom random = new SplittableRandom(seed);
        long size = 60L * CHUNK + 77;
        ScatteredPages pages = new ScatteredPages(size,
                new ChunkFile(withFile ? folder : folder.resolve("not there")));
        BitSet expected = new BitSet();
        for (int step = 0; step < 3000; step++) {
            long start = random.nextLong(size);
            long end = start + (1L << random.nextInt(step % 100 == 0 ? 22 : 8));
            pages.setRange(start, end);
            expected.set((int) start, (int) Math.min(end, size));
            long asked = random.nextLong(size);
            assertThat(pages.bitmap().get(asked)).as("pfn %d at step %d of seed %d", asked, step, seed)
                    .isEqualTo(expected.get((int) asked));
        }
        PageBitmap bitmap = pages.bitmap();
        assertThat(bitmap.cardinality()).isEqualTo(expected.cardinality());
        int at = expected.nextSetBit(0);
        for (long pfn = bitmap.nextSet(0); pfn < size; pfn = bitmap.nextSet(pfn + 1)) {
            assertThat(pfn).isEqualTo(at);
            at = expected.nextSetBit(at + 1);
        }
    }

    /// 4000 chunks have bits, 500 MB of them; the sets of a machine of 16 TiB.
    @Test
    void takesSomeMebibytesHoweverManyChunksHaveBits() {
        BufferPoolMXBean direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct")).findFirst().orElseThrow();
        long before = direct.getMemoryUsed();
        ScatteredPages pages = new ScatteredPages(4000L * CHUNK, new ChunkFile(folder));
        for (int round = 0; round < 2; round++) {
            for (long chunk = 0; chunk < 4000; chunk++) {
                pages.setRange(chunk * CHUNK + round, chunk * CHUNK + round + 1);
            }
        }
        assertThat(direct.getMemoryUsed() - before).isLessThan(4 * MIB);
        assertThat(pages.bitmap().cardinality()).isEqualTo(8000);
        assertThat(direct.getMemoryUsed() - before).isLessThan(4 * MIB);
    }
}
