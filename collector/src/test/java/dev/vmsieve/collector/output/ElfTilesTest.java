// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.vmcore.KernelSegment;

/// Which PT_LOADs there are, and what of them is stored, by runs of pages kept and left out.
class ElfTilesTest {
    private static final int PAGE = 4096;
    private static final long MAP = 0xffff_8880_0000_0000L;

    /// Runs in pages, the kept ones positive; a tile is its start, the pages stored and the pages covered.
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "10                      | 0:10/10",
            "-10                     | 0:0/10",
            "-300                    | 0:0/300",
            "10 -255 5               | 0:270/270",
            "10 -256 5               | 0:10/266 266:5/5",
            "10 -257 5               | 0:10/267 267:5/5",
            "-255 5                  | 0:260/260",
            "-256 5                  | 0:0/256 256:5/5",
            "5 -1                    | 0:5/6",
            "5 -255                  | 0:5/260",
            "5 -1000                 | 0:5/1005",
            "1 -255 1 -255 1 -256 1  | 0:513/769 769:1/1",
            "1 -256 1 -300 1 -1      | 0:1/257 257:1/301 558:1/2"})
    void endsATileAtALongRunOnly(String runs, String expected) {
        PageBitmap kept = bitmap(runs);
        ElfTiles tiles = ElfTiles.of(List.of(new KernelSegment(0, MAP, kept.size() * PAGE)), kept, PAGE);
        assertThat(text(tiles)).isEqualTo(expected.strip());
        for (int i = 0; i < tiles.count(); i++) {
            assertThat(tiles.vaddr(i)).isEqualTo(MAP + tiles.paddr(i));
        }
    }

    private static PageBitmap bitmap(String runs) {
        List<Long> lengths = new ArrayList<>();
        long pages = 0;
        for (String run : runs.strip().split(" +", -1)) {
            lengths.add(Long.parseLong(run));
            pages += Math.abs(lengths.getLast());
        }
        PageBitmap kept = new PageBitmap(pages);
        long pfn = 0;
        for (long length : lengths) {
            kept.setRange(pfn, pfn + Math.max(length, 0));
            pfn += Math.abs(length);
        }
        return kept;
    }

    private static String text(ElfTiles tiles) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < tiles.count(); i++) {
            text.append(i == 0 ? "" : " ").append(tiles.paddr(i) / PAGE).append(':').append(tiles.storedBytes(i) / PAGE)
                    .append('/').append(tiles.memoryBytes(i) / PAGE);
        }
        return text.toString();
    }

    @Test
    void storesJustTheBytesOfSegmentsThatEndWithinAPage() {
        PageBitmap kept = bitmap("10 -10");
        ElfTiles tiles = ElfTiles.of(
                List.of(new KernelSegment(0x1800, MAP, 0x1400), new KernelSegment(0x9c00, 0, 0x800)),
                kept, PAGE);
        assertThat(tiles.count()).isEqualTo(2);
        assertThat(tiles.storedBytes(0)).isEqualTo(0x1400);
        assertThat(tiles.storedBytes(1)).isEqualTo(0x400);
        assertThat(tiles.memoryBytes(1)).isEqualTo(0x800);
        StoredRuns runs = StoredRuns.of(tiles, 0x123, PAGE);
        assertThat(runs.offset(0)).isEqualTo(0x800);
        assertThat(runs.offset(1)).isEqualTo(0x1c00);
        assertThat(runs.fileEnd()).isEqualTo(0x2000);
    }

    @Test
    void joinsSegmentsThatGoOnWhereTheOneBeforeEnds() {
        PageBitmap kept = bitmap("10 -200 -200 10");
        ElfTiles tiles = ElfTiles.of(List.of(new KernelSegment(0, MAP, 210 * PAGE),
                new KernelSegment(210 * PAGE, MAP + 210 * PAGE, 210 * PAGE)), kept, PAGE);
        assertThat(text(tiles)).isEqualTo("0:10/410 410:10/10");
        ElfTiles apart = ElfTiles.of(List.of(new KernelSegment(0, MAP, 210 * PAGE),
                new KernelSegment(210 * PAGE, MAP, 210 * PAGE)), kept, PAGE);
        assertThat(text(apart)).isEqualTo("0:10/210 210:210/210");
        ElfTiles unmapped = ElfTiles.of(List.of(new KernelSegment(0, KernelSegment.NO_ADDRESS, 210 * PAGE),
                new KernelSegment(210 * PAGE, KernelSegment.NO_ADDRESS, 210 * PAGE)), kept, PAGE);
        assertThat(text(unmapped)).isEqualTo("0:10/410 410:10/10");
        assertThat(unmapped.vaddr(1)).isEqualTo(KernelSegment.NO_ADDRESS);
    }

    @Test
    void storesOnceWhatSeveralSegmentsCover() {
        PageBitmap kept = bitmap("10 -300 20 -300 10");
        ElfTiles tiles = ElfTiles.of(List.of(new KernelSegment(305 * PAGE, -1L << 31, 20 * PAGE),
                new KernelSegment(0, MAP, 640 * PAGE)), kept, PAGE);
        assertThat(text(tiles)).isEqualTo("305:20/20 0:10/310 310:20/320 630:10/10");
        StoredRuns runs = StoredRuns.of(tiles, PAGE, PAGE);
        assertThat(runs.count()).isEqualTo(3);
        assertThat(runs.start(1)).isEqualTo(305 * PAGE);
        assertThat(runs.end(1)).isEqualTo(330 * PAGE);
        assertThat(runs.fileEnd()).isEqualTo(46 * PAGE);
        assertThat(runs.fileEndBelow(310 * PAGE)).isEqualTo(16 * PAGE);
        assertThat(runs.fileEndBelow(400 * PAGE)).isEqualTo(36 * PAGE);
        assertThat(runs.fileEndBelow(330 * PAGE)).isEqualTo(36 * PAGE);
        assertThat(runs.fileEndBelow(0)).isEqualTo(PAGE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "1 -256 1 -600 1 -300 1 -2000 1 | 5 | 0:1/257 257:1/601 858:1/301 1159:1/2001 3160:1/1",
            "1 -256 1 -600 1 -300 1 -2000 1 | 4 | 0:258/858 858:302/2302 3160:1/1",
            "1 -256 1 -600 1 -300 1 -2000 1 | 2 | 0:1160/3160 3160:1/1",
            "1 -256 1 -600 1 -300 1 -2000 1 | 1 | 0:3161/3161"})
    void storesLongerRunsWhereTilesWouldBeTooMany(String runs, int most, String expected) {
        PageBitmap kept = bitmap(runs);
        List<KernelSegment> whole = List.of(new KernelSegment(0, MAP, kept.size() * PAGE));
        assertThat(text(ElfTiles.of(whole, kept, PAGE, most - 1))).isEqualTo(expected.strip());
    }

    @Test
    void coversMemoryBeyondTheBitmap() {
        ElfTiles tiles = ElfTiles.of(List.of(new KernelSegment(0, MAP, 900 * PAGE)), bitmap("10"), PAGE);
        assertThat(text(tiles)).isEqualTo("0:10/900");
        assertThat(ElfTiles.of(List.of(), bitmap("10"), PAGE).count()).isZero();
    }
}
