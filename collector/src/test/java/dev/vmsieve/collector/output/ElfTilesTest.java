// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.bitmap.ChunkFile;
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
        ElfTiles tiles = new ElfTiles(List.of(new KernelSegment(0, MAP, kept.size() * PAGE)), kept, PAGE);
        assertThat(text(tiles)).isEqualTo(expected.strip());
        assertThat(text(tiles)).as("once more").isEqualTo(expected.strip());
        for (ElfTiles.Cursor tile = tiles.cursor(); tile.next();) {
            assertThat(tile.vaddr()).isEqualTo(MAP + tile.paddr());
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
        List<String> text = new ArrayList<>();
        for (ElfTiles.Cursor tile = tiles.cursor(); tile.next();) {
            text.add(tile.paddr() / PAGE + ":" + tile.storedBytes() / PAGE + "/" + tile.memoryBytes() / PAGE);
        }
        assertThat(tiles.count()).isEqualTo(text.size());
        return String.join(" ", text);
    }

    @Test
    void storesJustTheBytesOfSegmentsThatEndWithinAPage() {
        PageBitmap kept = bitmap("10 -10");
        ElfTiles.Cursor tile = new ElfTiles(
                List.of(new KernelSegment(0x1800, MAP, 0x1400), new KernelSegment(0x9c00, 0, 0x800)), kept, PAGE)
                .cursor();
        assertThat(tile.next()).isTrue();
        assertThat(tile.storedBytes()).isEqualTo(0x1400);
        assertThat(tile.memoryBytes()).isEqualTo(0x1400);
        assertThat(tile.next()).isTrue();
        assertThat(tile.storedBytes()).isEqualTo(0x400);
        assertThat(tile.memoryBytes()).isEqualTo(0x800);
        assertThat(tile.next()).isFalse();
    }

    @Test
    void tellsThatTheKernelDoesNotSeeMemory() {
        ElfTiles.Cursor tile = new ElfTiles(List.of(new KernelSegment(0, KernelSegment.NO_ADDRESS, 420 * PAGE)),
                bitmap("10 -400 10"), PAGE).cursor();
        while (tile.next()) {
            assertThat(tile.vaddr()).isEqualTo(KernelSegment.NO_ADDRESS);
        }
        assertThat(tile.paddr()).isEqualTo(420 * PAGE);
    }

    /// What the first segment has is part of a run of the second.
    @Test
    void storesShortRunsForAllSegmentsOfTheSameMemory() {
        PageBitmap kept = bitmap("10 -200 10 -300 20 -300 10");
        ElfTiles tiles = new ElfTiles(List.of(new KernelSegment(100 * PAGE, -1L << 31, 115 * PAGE),
                new KernelSegment(0, MAP, 850 * PAGE)), kept, PAGE);
        assertThat(text(tiles)).isEqualTo("100:115/115 0:220/520 520:20/320 840:10/10");
    }

    @Test
    void putsAwayWhatItAddsToALargeBitmap(@TempDir Path folder) {
        PageBitmap kept = new PageBitmap(40L * PageBitmap.CHUNK_PFNS, new ChunkFile(folder));
        for (long pfn = 0; pfn < kept.size(); pfn += 100) {
            kept.set(pfn);
            kept.settle(pfn);
        }
        kept.clearRange(30L * PageBitmap.CHUNK_PFNS, 30L * PageBitmap.CHUNK_PFNS + 1000);
        ElfTiles tiles = new ElfTiles(List.of(new KernelSegment(0, MAP, kept.size() * PAGE)), kept, PAGE);
        assertThat(tiles.count()).isEqualTo(2);
        assertThat(kept.nextClear(0, kept.size())).isBetween(30L * PageBitmap.CHUNK_PFNS - 100,
                30L * PageBitmap.CHUNK_PFNS);
    }

    @Test
    void coversMemoryBeyondTheBitmap() {
        ElfTiles tiles = new ElfTiles(List.of(new KernelSegment(0, MAP, 900 * PAGE)), bitmap("10"), PAGE);
        assertThat(text(tiles)).isEqualTo("0:10/900");
        assertThat(new ElfTiles(List.of(), bitmap("10"), PAGE).count()).isZero();
    }
}
