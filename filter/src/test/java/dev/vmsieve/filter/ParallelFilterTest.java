// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.SyntheticKernel;

/// The outcome does not depend on how the pfns are cut, nor on how many threads scan them.
class ParallelFilterTest {
    private static final long[] UNITS = {512, 1536, 4096, 5120, 1 << 15, 1 << 16, 1 << 20};
    private static final int[] THREADS = {1, 2, 7};

    @Test
    void isTheSameForEveryCut() throws IOException {
        long seed = 20261120;
        SyntheticKernel kernel = mixture(seed);
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            for (int level : new int[]{0, 24, 31}) {
                FilterResult whole = filter.filter(new FilterPlan(DumpLevel.of(level), 1, 1L << 30));
                PageFilterTest.assertAsExpected(kernel, whole, level);
                for (long unit : UNITS) {
                    for (int threads : THREADS) {
                        FilterResult cut = filter.filter(new FilterPlan(DumpLevel.of(level), threads, unit));
                        String which = "-d " + level + ", units of " + unit + ", " + threads + " threads, seed " + seed;
                        assertThat(cut.counts()).as(which).isEqualTo(whole.counts());
                        assertThat(PageFilterTest.bytes(cut.bitmaps().dumpable())).as(which)
                                .isEqualTo(PageFilterTest.bytes(whole.bitmaps().dumpable()));
                    }
                }
            }
        }
    }

    /// A gigantic hugetlb page, with a page in it whose struct page lies: the range from the head wins.
    @Test
    void carriesAGiganticPageOverWhateverItsTailsLookLike() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_12).megabytes(2304).build();
        kernel.pages(1 << 18, 1).hugetlb(18).content(PagePattern.ZERO);
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 2000; i++) {
            long pfn = random.nextLong((1 << 18) + 2, (2 << 18) - 1);
            long at = kernel.structPagePaddr(pfn);
            for (int word = 0; word < 64; word += 8) {
                kernel.memory().putLong(at + word, random.nextLong() | 1 << 16);
            }
        }
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            FilterResult whole = filter.filter(new FilterPlan(DumpLevel.of(31), 1, 1L << 30));
            assertThat(whole.counts().user()).isGreaterThanOrEqualTo(1 << 18);
            assertThat(whole.bitmaps().dumpable().cardinality(1 << 18, 2 << 18)).isZero();
            for (long unit : new long[]{512, 1536, 1 << 15, 1 << 16, 200704}) {
                for (int threads : THREADS) {
                    FilterResult cut = filter.filter(new FilterPlan(DumpLevel.of(31), threads, unit));
                    assertThat(cut.counts()).as("units of " + unit).isEqualTo(whole.counts());
                    assertThat(PageFilterTest.bytes(cut.bitmaps().dumpable())).as("units of " + unit)
                            .isEqualTo(PageFilterTest.bytes(whole.bitmaps().dumpable()));
                }
            }
        }
    }

    /// Random bytes in all struct pages of a section: no exception, and the same outcome for every cut.
    @Test
    void isTheSameForEveryCutOfRubbish() throws IOException {
        for (KernelEra era : new KernelEra[]{KernelEra.V4_4, KernelEra.V6_1, KernelEra.V6_12, KernelEra.V7_2}) {
            SyntheticKernel kernel = SyntheticKernel.builder(era).megabytes(384).build();
            SplittableRandom random = new SplittableRandom(era.name().hashCode());
            for (long pfn = 1 << 15; pfn < 2 << 15; pfn++) {
                long at = kernel.structPagePaddr(pfn);
                kernel.memory().putLong(at, random.nextLong() >>> random.nextInt(64));
                kernel.memory().putLong(at + 8, random.nextInt(8) == 0 ? random.nextLong() : 0);
                kernel.memory().putLong(at + 40, random.nextInt(70));
                kernel.memory().putLong(at + 48, (long) (random.nextInt(16) << 24 | 0xf0000000) & 0xffffffffL);
            }
            try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
                FilterResult whole = filter.filter(new FilterPlan(DumpLevel.of(31), 1, 1L << 30));
                for (long unit : new long[]{512, 1536, 1 << 15}) {
                    for (int threads : THREADS) {
                        FilterResult cut = filter.filter(new FilterPlan(DumpLevel.of(31), threads, unit));
                        assertThat(cut.counts()).as(era + ", units of " + unit).isEqualTo(whole.counts());
                        assertThat(PageFilterTest.bytes(cut.bitmaps().dumpable())).as(era + ", units of " + unit)
                                .isEqualTo(PageFilterTest.bytes(whole.bitmaps().dumpable()));
                    }
                }
            }
        }
    }

    private static SyntheticKernel mixture(long seed) {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_16).megabytes(384).seed(seed).build();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 400; i++) {
            int order = random.nextInt(10);
            switch (random.nextInt(8)) {
                case 0 -> kernel.next(order, 1).buddy(order);
                case 1 -> kernel.next(0, 1 + random.nextInt(70)).anon();
                case 2 -> kernel.next(order, 1).thp(order);
                case 3 -> kernel.next(order, 1).fileCache(order);
                case 4 -> kernel.next(3, 2).slab(3);
                case 5 -> kernel.next(0, 1 + random.nextInt(9)).kernelData();
                case 6 -> kernel.next(0, 1 + random.nextInt(9)).offline();
                default -> kernel.next(9, 1).hugetlb(9);
            }
        }
        return kernel;
    }
}
