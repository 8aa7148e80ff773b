// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.progress.PageCounts;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Where makedumpfile 1.7.9 is wrong and we are not; each test shows one case.
class PeerDefectsTest {
    private static final int FRAME = 4096;

    /// Section flag bit 5 is newer than the peer's mask, and shifts its view of the section's struct pages by 32 bytes.
    @Test
    void readsSectionsWhoseMemMapWasMadeEarly() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V7_2).megabytes(512).preinitialisedSection(2)
                .build();
        kernel.pages(2 << 15, 64).hugetlb(9).content(PagePattern.ZERO);
        assertAsStated(kernel, 0, 8, 30);
        SyntheticKernel withoutSymbol = SyntheticKernel.builder(KernelEra.V6_16).megabytes(512)
                .preinitialisedSection(2).without("SYMBOL(vmemmap)").build();
        withoutSymbol.pages(2 << 15, 64).hugetlb(9).content(PagePattern.ZERO);
        assertAsStated(withoutSymbol, 0, 8, 30);
    }

    /// The peer takes bit 7 for PG_slab where it is PG_waiters.
    @Test
    void takesAWaitedForPageForWhatItIs() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_12).build();
        kernel.next(0, 5).anon().waiters();
        assertAsStated(kernel, 2, 4, 8, 30);
    }

    /// The peer subtracts pages that two segments cover from the holes twice.
    @Test
    void countsPagesOfOverlappingSegmentsOnce() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_1).build();
        kernel.next(0, 100).anon();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            PageCounts counts = filter.filter(8).counts();
            assertThat(counts.existing()).isEqualTo(kernel.expected(8).existing().cardinality());
            assertThat(counts.existing() + counts.holes()).isEqualTo(counts.maxMapnr());
            assertThat(counts.user()).isEqualTo(100);
        }
    }

    /// The peer loses the last page of a segment that ends inside it when it works in cycles.
    @Test
    void keepsThePartialPageBelow640KiB() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_1).ram(0x1000, 0x9fc00)
                .ram(0x100000, (130L << 20) + FRAME).build();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            FilterResult result = filter.filter(31);
            assertThat(result.counts().maxMapnr() % 4).isNotZero();
            assertThat(result.bitmaps().existing().get(0x9f)).isTrue();
            assertThat(result.bitmaps().dumpable().get(0x9f)).isTrue();
        }
    }

    /// The peer looks at no tail's flags, and reads a page that may stop the machine.
    @Test
    void leavesOutAPoisonedTailOfAKeptSlab() throws IOException {
        for (KernelEra era : new KernelEra[]{KernelEra.V5_10, KernelEra.V6_1, KernelEra.V6_12, KernelEra.V7_2}) {
            SyntheticKernel kernel = SyntheticKernel.builder(era).build();
            long pfn = kernel.next(3, 1).slab(3).page(5).hwpoison().pfn();
            try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
                FilterResult result = filter.filter(0);
                assertThat(result.bitmaps().dumpable().get(pfn)).as(era.name()).isFalse();
                assertThat(result.counts().hwpoison()).as(era.name()).isOne();
            }
        }
    }

    /// The peer takes each alias of a poisoned optimised head for a poisoned page of its own.
    @ParameterizedTest
    @EnumSource(names = {"V6_1", "V6_12"})
    void takesAliasesOfAPoisonedHeadForTails(KernelEra era) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(era).build();
        kernel.next(9, 1).hugetlb(9).optimised().page(0).hwpoison();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            for (int level : new int[]{0, 23}) {
                assertThat(filter.filter(level).counts().hwpoison()).isEqualTo(512);
            }
            assertThat(filter.filter(8).counts().user()).isEqualTo(512);
        }
    }

    /// A gigantic folio's aliases lie in sections that its head is not in.
    @ParameterizedTest
    @EnumSource(names = {"V6_1", "V6_12", "V7_2"})
    void countsAGiganticFolioThatSpansSectionsOnce(KernelEra era) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(era).megabytes(2304).sparePool(1 << 20).build();
        kernel.pages(1 << 18, 1).hugetlb(18).content(PagePattern.ZERO).optimised();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            for (int threads : new int[]{1, 3}) {
                FilterResult result = filter.filter(FilterPlan.of(DumpLevel.of(8), threads));
                assertThat(result.counts().user()).isEqualTo(1 << 18);
                assertThat(result.bitmaps().dumpable().cardinality(1 << 18, 2 << 18)).isZero();
            }
        }
    }

    /// 4.4 has the fields but not the keys; the peer keeps its hugetlb pages and the tails of its huge pages.
    @Test
    void findsHugePagesOf44WithoutKeys() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V4_4).build();
        kernel.next(9, 1).thp(9);
        kernel.next(9, 1).hugetlb(9);
        assertAsStated(kernel, 8, 30, 6);
    }

    /// 6.6 without hugetlb exports none of the keys from which the peer reads an order.
    @Test
    void findsHugePagesOf66WithoutHugetlb() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_6).without("NUMBER(PG_hugetlb)")
                .without("NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)").build();
        kernel.next(9, 2).thp(9);
        long offline = kernel.next(0, 1).offline().pfn();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            FilterResult result = filter.filter(8);
            assertThat(result.counts().user()).isEqualTo(1024);
            assertThat(result.bitmaps().dumpable().get(offline)).isFalse();
        }
    }

    /// The peer believes any order below 64 at a pfn that is aligned to it.
    @Test
    void doesNotBelieveAnImpossibleOrder() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_12).build();
        kernel.pages(1 << 14, 1).corruptHead(13);
        kernel.next(0, 3).fileCache();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            FilterResult result = filter.filter(8);
            PageFilterTest.assertAsExpected(kernel, result, 8);
            assertThat(filter.warnings()).anyMatch(line -> line.contains("1 compound pages with an impossible order"));
        }
    }

    /// The peer gives up at the first struct page that cannot be read, at every level.
    @Test
    void goesOnWhereStructPagesCannotBeRead() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_1).vmemmapLeaf(12).build();
        long first = kernel.next(9, 2).thp(9).pfn();
        kernel.next(0, 10).anon();
        long entry = kernel.pageTableEntry(kernel.structPage(first + 512), 12);
        kernel.memory().putLong(entry, 0);
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            FilterResult result = filter.filter(8);
            PageBitmap dumpable = result.bitmaps().dumpable();
            assertThat(dumpable.cardinality(first, first + 512)).isZero();
            assertThat(dumpable.get(first + 512)).isTrue();
            assertThat(result.counts().unclassified()).isEqualTo(64);
            assertThat(result.counts().user()).isEqualTo(512 + 10);
        }
    }

    /// The first page of a zspage has its class and how full it is in page.mapping, up to 4.7, and the peer takes an odd
    /// one for an anon_vma's address.
    @Test
    void keepsPagesOfZsmallocWhoseMappingIsOdd() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V4_4).build();
        long first = kernel.next(0, 255).kernelData().pfn();
        for (int sizeClass = 0; sizeClass < 255; sizeClass++) {
            kernel.memory().putLong(kernel.structPagePaddr(first + sizeClass) + 8, sizeClass << 4 | 1);
        }
        kernel.next(0, 10).anon();
        long ksm = kernel.next(0, 10).ksm().pfn();
        kernel.memory().putLong(kernel.structPagePaddr(ksm) + 8, 3); // its node is not there yet
        assertAsStated(kernel, 8, 31);
    }

    /// The flag of a head speaks for all of a hugetlb page, but not for the kernel's own compound pages.
    @Test
    void keepsKernelDataNextToAPoisonedHead() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_12).build();
        kernel.next(3, 1).compound(3).page(0).hwpoison();
        assertAsStated(kernel, 0, 30);
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            assertThat(filter.filter(0).counts().hwpoison()).isOne();
        }
    }

    private static void assertAsStated(SyntheticKernel kernel, int... levels) throws IOException {
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            for (int level : levels) {
                PageFilterTest.assertAsExpected(kernel, filter.filter(level), level);
            }
            assertThat(filter.warnings()).noneMatch(line -> line.contains("compound") || line.contains("vmemmap"));
        }
    }
}
