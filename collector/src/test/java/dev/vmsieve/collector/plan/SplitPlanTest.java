// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;

/// How memory is divided among parts: a row says which blocks of 64 pages have how many kept pages.
class SplitPlanTest {
    private static final int PAGE = 4096;
    private static final int BLOCK_PAGES = 64;

    private static SplitPlan plan(int parts, long blockBytes) {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            files.add(Path.of("part" + i));
        }
        return new SplitPlan(files, blockBytes, true);
    }

    private static PageBitmap kept(String perBlock) {
        String[] counts = perBlock.split(" ", -1);
        PageBitmap kept = new PageBitmap((long) counts.length * BLOCK_PAGES);
        for (int i = 0; i < counts.length; i++) {
            kept.setRange((long) i * BLOCK_PAGES, (long) i * BLOCK_PAGES + Integer.parseInt(counts[i]));
        }
        return kept;
    }

    /// The ends of the parts, in blocks.
    @ParameterizedTest
    @CsvSource({"2, 10 10 10 10, 2 4", "3, 10 10 10 10, 2 3 4", "4, 10 10 10 10, 1 2 3 4",
            "5, 10 10 10 10, 1 2 3 4 4", "3, 60 1 1 1, 1 3 4", "2, 0 0 0 0, 4 4", "2, 5 0 0 0, 4 4",
            "2, 0 5 5 0, 2 4", "3, 5 0 5 0, 1 4 4", "1, 1 2 3 4, 4", "2, 1 1 1 60, 4 4"})
    void givesEachPartWholeBlocksForItsShare(int parts, String perBlock, String ends) throws IOException {
        PageBitmap kept = kept(perBlock);
        List<PfnRange> ranges = plan(parts, BLOCK_PAGES * PAGE).ranges(kept, PAGE, kept.size());
        StringBuilder found = new StringBuilder();
        long start = 0;
        for (PfnRange range : ranges) {
            assertThat(range.start()).isEqualTo(start);
            start = range.end();
            found.append(found.isEmpty() ? "" : " ").append(range.end() / BLOCK_PAGES);
        }
        assertThat(found).hasToString(ends);
    }

    @Test
    void reachesToTheEndOfAMachineThatIsNoWholeNumberOfBlocks() throws IOException {
        PageBitmap kept = new PageBitmap(100);
        kept.setRange(0, 100);
        assertThat(plan(2, BLOCK_PAGES * PAGE).ranges(kept, PAGE, 100)).containsExactly(new PfnRange(0, 64),
                new PfnRange(64, 100));
        assertThat(plan(2, BLOCK_PAGES * PAGE).ranges(kept, PAGE, 120)).containsExactly(new PfnRange(0, 64),
                new PfnRange(64, 120));
    }

    @Test
    void roundsBlocksUpToWhatCrashCanRead() throws IOException {
        PageBitmap kept = new PageBitmap(200);
        kept.setRange(0, 200);
        assertThat(plan(2, PAGE).ranges(kept, PAGE, 200)).containsExactly(new PfnRange(0, 128),
                new PfnRange(128, 200));
    }

    @Test
    void takesBlocksOfCrashsBitmapSectionsUnlessToldOtherwise() throws IOException {
        PageBitmap kept = new PageBitmap(10_000);
        kept.setRange(0, 10_000);
        assertThat(plan(2, SplitPlan.DEFAULT_BLOCK).ranges(kept, PAGE, 10_000)).containsExactly(new PfnRange(0, 8192),
                new PfnRange(8192, 10_000));
    }

    @Test
    void refusesBlocksThatAreNoWholePages() {
        assertThatThrownBy(() -> plan(2, 5 << 10).ranges(new PageBitmap(10), PAGE, 10)).isInstanceOf(IOException.class)
                .hasMessage(
                        "--splitblock-size: a block must be a multiple of the page size of 4096 bytes but was 5120");
    }

    @Test
    void refusesWhatIsNoPlan() {
        assertThatThrownBy(() -> plan(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> plan(1, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
