// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.extent.ExtentSorter;
import dev.vmsieve.filter.io.UnsupportedDumpException;

class StoredRangesTest {
    private static final long NOWHERE = -1;

    @TempDir
    private Path folder;

    private StoredRanges ranges(List<Segment> segments) throws IOException {
        var builder = new StoredRanges.Builder("vmcore", new ChunkFile(folder));
        segments.forEach(builder::add);
        return builder.build();
    }

    private static String text(StoredRanges ranges) {
        var text = new StringBuilder();
        for (int i = 0; i < ranges.count(); i++) {
            text.append('[').append(ranges.start(i)).append(',').append(ranges.end(i)).append(")@")
                    .append(ranges.fileOffset(i)).append(' ');
        }
        return text.toString().trim();
    }

    @Test
    void joinsWhatContinuesInMemoryAndInTheFile() throws IOException {
        assertThat(text(ranges(List.of(new Segment(20, 10, 10, 120), new Segment(10, 10, 10, 110),
                new Segment(30, 10, 10, 500))))).isEqualTo("[10,30)@110 [30,40)@500");
    }

    @Test
    void letsTheSegmentWinThatLiesFirstInTheFile() throws IOException {
        assertThat(text(ranges(List.of(new Segment(0, 100, 50, 1000), new Segment(20, 10, 10, 0)))))
                .isEqualTo("[0,20)@1000 [20,30)@0 [30,50)@1030");
        assertThat(text(ranges(List.of(new Segment(20, 10, 10, 1000), new Segment(0, 100, 50, 0)))))
                .isEqualTo("[0,50)@0");
    }

    @Test
    void holdsNothingForSegmentsWithoutBytes() throws IOException {
        StoredRanges ranges = ranges(List.of(new Segment(0, 100, 0, 0)));
        assertThat(ranges.count()).isZero();
        assertThat(ranges.firstEndingAfter(0)).isZero();
        assertThat(ranges.anyIn(0, 1000)).isFalse();
    }

    @Test
    void agreesWithAByteByByteSearch() throws IOException {
        for (long seed = 0; seed < 300; seed++) {
            var random = new SplittableRandom(seed);
            List<Segment> segments = new ArrayList<>();
            for (int i = random.nextInt(12); i > 0; i--) {
                long memory = 1 + random.nextLong(60);
                segments.add(new Segment(random.nextInt(150), memory, random.nextLong(memory + 1),
                        1000L * random.nextInt(4)));
            }
            StoredRanges ranges = ranges(segments);
            for (long paddr = 0; paddr < 220; paddr++) {
                int range = ranges.firstEndingAfter(paddr);
                boolean inside = range < ranges.count() && ranges.start(range) <= paddr;
                assertThat(inside ? ranges.fileOffset(range) + paddr - ranges.start(range) : NOWHERE)
                        .as("seed %d paddr %d", seed, paddr).isEqualTo(search(segments, paddr));
                assertThat(ranges.anyIn(paddr, paddr + 1)).as("seed %d paddr %d", seed, paddr).isEqualTo(inside);
            }
            var marked = new PageBitmap(60);
            ranges.markPages(new PfnRange(0, 60), marked, 4);
            for (long pfn = 0; pfn < 60; pfn++) {
                assertThat(marked.get(pfn)).as("seed %d pfn %d", seed, pfn)
                        .isEqualTo(ranges.anyIn(4 * pfn, 4 * pfn + 4));
            }
            assertThat(ranges.pages(4)).as("seed %d", seed).isEqualTo(marked.cardinality());
            for (long pfn = 0; pfn < 70; pfn++) {
                assertThat(ranges.firstPageNotIn(pfn, pfn + 20, 4)).as("seed %d pfn %d", seed, pfn)
                        .isEqualTo(pfn >= 60 ? pfn : marked.nextClear(pfn, pfn + 20));
            }
            for (int i = 1; i < ranges.count(); i++) {
                assertThat(ranges.start(i)).as("seed %d", seed).isGreaterThanOrEqualTo(ranges.end(i - 1));
            }
        }
    }

    private static long search(List<Segment> segments, long paddr) {
        Segment first = null;
        for (Segment segment : segments) {
            long into = paddr - segment.paddr();
            if (into >= 0 && into < segment.storedBytes()
                    && (first == null || segment.fileOffset() < first.fileOffset()
                            || (segment.fileOffset() == first.fileOffset() && segment.paddr() > first.paddr()))) {
                first = segment;
            }
        }
        return first == null ? NOWHERE : first.fileOffset() + paddr - first.paddr();
    }

    @Test
    void marksPfnsAsASet() {
        for (long seed = 0; seed < 300; seed++) {
            var random = new SplittableRandom(seed);
            int count = random.nextInt(8);
            long[] starts = new long[count];
            long[] ends = new long[count];
            var expected = new PageBitmap(300);
            var range = new PfnRange(random.nextInt(100), 100 + random.nextInt(100));
            for (int i = 0; i < count; i++) {
                starts[i] = random.nextInt(200);
                ends[i] = starts[i] + 1 + random.nextInt(40);
                expected.setRange(Math.max(starts[i], range.start()), Math.min(ends[i], range.end()));
            }
            var found = new PageBitmap(300);
            var all = new PageBitmap(300);
            PfnRanges ranges = new PfnRanges(starts, ends);
            ranges.mark(range, found);
            ranges.mark(new PfnRange(0, 300), all);
            for (int pfn = 0; pfn < 300; pfn++) {
                assertThat(found.get(pfn)).as("seed %d pfn %d", seed, pfn).isEqualTo(expected.get(pfn));
            }
            assertThat(ranges.pages()).as("seed %d", seed).isEqualTo(all.cardinality());
            assertThat(ranges.end()).as("seed %d", seed).isEqualTo(Arrays.stream(ends).max().orElse(0));
        }
    }

    @Test
    void buildsFromAHundredThousandSegmentsAtOnce() throws IOException {
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            segments.add(new Segment((i * 7919L % 100_000) * 4096, 8192, 8192, i * 4096L));
        }
        long start = System.nanoTime();
        StoredRanges ranges = ranges(segments);
        assertThat(ranges.count()).isGreaterThan(50_000);
        assertThat(System.nanoTime() - start).as("must not be quadratic").isLessThan(10_000_000_000L);
        for (int i = 1; i < 100_000; i += 99) {
            int range = ranges.firstEndingAfter(segments.get(i).paddr());
            assertThat(ranges.start(range)).isLessThanOrEqualTo(segments.get(i).paddr());
        }
    }

    @Test
    void refusesThousandsOfSegmentsOfTheSameMemory() {
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i <= ExtentSorter.MOST_OPEN; i++) {
            segments.add(new Segment(i, 20_000 - 2L * i, 20_000 - 2L * i, (1L << 20) - i));
        }
        assertThatThrownBy(() -> ranges(segments)).isInstanceOf(UnsupportedDumpException.class)
                .hasMessage("[vmcore] program headers: more than 4096 PT_LOADs are of the same memory");
    }
}
