// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.progress.PageCounts;
import dev.vmsieve.fixtures.ExpectedPages;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.SyntheticKernel;
import dev.vmsieve.fixtures.SyntheticKernelBuilder;
import dev.vmsieve.fixtures.SyntheticKernelBuilder.Model;
import dev.vmsieve.fixtures.SyntheticMachine;

class PageFilterTest {
    /// A page of every sort that the era knows, small and large, next to each other.
    static SyntheticKernel everything(SyntheticKernelBuilder builder) {
        return everything(builder, true);
    }

    private static SyntheticKernel everything(SyntheticKernelBuilder builder, boolean optimised) {
        SyntheticKernel kernel = builder.build();
        KernelEra era = kernel.era();
        kernel.next(0, 3).anon();
        kernel.next(0, 2).ksm();
        kernel.next(0, 2).isolatedAnon();
        kernel.next(0, 2).lazyFree();
        kernel.next(0, 2).anonInSwapCache();
        kernel.next(0, 5).fileCache();
        kernel.next(0, 3).privateCache();
        kernel.next(0, 2).shmem();
        kernel.next(0, 2).swapCache();
        kernel.next(0, 2).isolatedFile();
        kernel.next(0, 2).kernelData();
        kernel.next(0, 2).reserved();
        kernel.next(0, 4).slab(0);
        kernel.next(3, 4).slab(3);
        kernel.next(2, 3).compound(2);
        kernel.next(9, 2).thp(9);
        kernel.next(4, 3).anon(4);
        kernel.next(2, 3).fileCache(2);
        kernel.next(3, 2).privateCache(3);
        kernel.next(9, 2).hugetlb(9);
        for (int order = 0; order < 11; order++) {
            kernel.next(order, 2).buddy(order);
        }
        kernel.next(0, 7).offline();
        kernel.next(0, 1).anon().hwpoison();
        kernel.next(0, 1).kernelData().hwpoison();
        kernel.next(0, 1).fileCache().hwpoison();
        kernel.next(9, 1).hugetlb(9).page(0).hwpoison();
        if (era.since(KernelEra.V4_15)) {
            kernel.next(0, 2).ownerPrivate();
            kernel.next(3, 1).slab(3).page(5).hwpoison();
            kernel.next(3, 1).compound(3).page(0).hwpoison();
            kernel.next(0, 70).uninitialised();
        }
        if (era.since(KernelEra.V6_1) && optimised) {
            kernel.next(9, 1).hugetlb(9).optimised();
        }
        if (era.since(KernelEra.V6_10)) {
            kernel.next(0, 2).anon().waiters();
        }
        if (era.since(KernelEra.V6_16)) {
            kernel.next(10, 1).unaccepted();
        }
        return kernel;
    }

    @ParameterizedTest
    @EnumSource(KernelEra.class)
    void findsWhatIsStatedAtEveryLevel(KernelEra era) throws IOException {
        SyntheticKernel kernel = everything(SyntheticKernel.builder(era));
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            for (int level = 0; level <= 31; level += 2) {
                FilterResult result = filter.filter(level);
                assertAsExpected(kernel, result, level);
                FilterResult withZero = filter.filter(level + 1);
                assertThat(withZero.counts()).isEqualTo(result.counts());
                assertThat(bytes(withZero.bitmaps().dumpable())).isEqualTo(bytes(result.bitmaps().dumpable()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Model.class)
    void findsStructPagesInEveryMemoryModel(Model model) throws IOException {
        // 7.2 has masks in tails only together with VMEMMAP, whose array is aligned for them.
        for (KernelEra era : new KernelEra[]{KernelEra.V3_2, KernelEra.V4_15, KernelEra.V6_1, KernelEra.V6_16}) {
            SyntheticKernel kernel = everything(SyntheticKernel.builder(era).model(model).megabytes(300),
                    model == Model.SPARSE_VMEMMAP);
            try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
                for (int level : new int[]{0, 31, 24}) {
                    assertAsExpected(kernel, filter.filter(level), level);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SyntheticMachine.class)
    void findsWhatIsStatedOnEveryMachine(SyntheticMachine machine) throws IOException {
        for (KernelEra era : new KernelEra[]{KernelEra.V6_1, KernelEra.V6_6, KernelEra.V6_16, KernelEra.V7_2}) {
            SyntheticKernel kernel = everything(SyntheticKernel.builder(era).machine(machine).megabytes(300));
            try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
                for (int level : new int[]{0, 8, 24, 31}) {
                    assertAsExpected(kernel, filter.filter(level), level);
                }
                assertThat(filter.warnings()).isEmpty();
            }
        }
    }

    @Test
    void marksPagesThatMustNotBeRead() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_12).build();
        BitSet bad = new BitSet();
        bad.set((int) kernel.next(0, 1).anon().hwpoison().pfn());
        bad.set((int) kernel.next(0, 1).fileCache().hwpoison().pfn());
        bad.set((int) kernel.next(0, 1).kernelData().hwpoison().pfn());
        bad.set((int) kernel.next(4, 1).anon(4).page(5).hwpoison().pfn());
        int offline = (int) kernel.next(0, 7).offline().pfn();
        bad.set(offline, offline + 7);
        kernel.next(0, 5).anon();
        kernel.next(9, 1).thp(9);
        // More than the granule of struct pages that is read after a jump; the second follows without one.
        bad.set((int) kernel.next(7, 1).anon(7).page(100).hwpoison().pfn());
        bad.set((int) kernel.next(7, 1).fileCache(7).page(127).hwpoison().pfn());
        kernel.next(9, 1).thp(9);
        bad.set((int) kernel.next(7, 1).fileCache(7).page(64).hwpoison().pfn());
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            for (int level : new int[]{0, 8, 31}) {
                assertThat(SyntheticFilter.bits(filter.filter(level).bitmaps().unreadable())).as("-d " + level)
                        .isEqualTo(bad);
            }
        }
    }

    /// Where free pages carry no mark, those of the lists are not read either if they have a memory error.
    @Test
    void marksListedPagesThatMustNotBeRead() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V3_2).with("NUMBER(PG_hwpoison)", "23").build();
        BitSet bad = new BitSet();
        bad.set((int) kernel.next(0, 1).anon().hwpoison().pfn());
        bad.set((int) kernel.next(3, 1).buddy(3).page(5).hwpoison().pfn());
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            for (int level : new int[]{0, 16, 31}) {
                assertThat(SyntheticFilter.bits(filter.filter(level).bitmaps().unreadable())).as("-d " + level)
                        .isEqualTo(bad);
            }
        }
    }

    @Test
    void tellsStagesWithTheirTotals() throws IOException {
        SyntheticKernel kernel = everything(SyntheticKernel.builder(KernelEra.V3_2));
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            filter.filter(31);
            assertThat(filter.stages()).containsExactly("begin MEMORY_HOLES 32768", "end MEMORY_HOLES 32768",
                    "begin FREE_PAGES 32768", "end FREE_PAGES 32768", "begin UNNECESSARY_PAGES 32768",
                    "end UNNECESSARY_PAGES 32768");
        }
    }

    static byte[] bytes(PageBitmap bitmap) {
        ByteBuffer bytes = ByteBuffer.allocate((int) (bitmap.size() + 7) / 8);
        bitmap.copyBytes(0, bytes);
        return bytes.array();
    }

    static void assertAsExpected(SyntheticKernel kernel, FilterResult result, int level) {
        String which = kernel.era() + " -d " + level;
        // Zero pages are found later, where their bytes are; the expectation need not look for them.
        ExpectedPages expected = kernel.expected(level & ~1);
        assertThat(result.level()).isEqualTo(DumpLevel.of(level));
        assertThat(SyntheticFilter.bits(result.bitmaps().existing())).as(which + " existing")
                .isEqualTo(expected.existing());
        BitSet difference = SyntheticFilter.bits(result.bitmaps().dumpable());
        difference.xor(expected.dumpable());
        assertThat(difference.cardinality()).as(which + ": first differing pfns " + first(difference, kernel, level))
                .isZero();
        PageCounts counts = result.counts();
        assertThat(new long[]{counts.nonPrivateCache(), counts.privateCache(), counts.user(), counts.free(),
                counts.hwpoison(), counts.offline()})
                .as(which)
                .containsExactly(expected.nonPrivateCache(), expected.privateCache(), expected.user(), expected.free(),
                        expected.hwpoison(), expected.offline());
    }

    private static String first(BitSet pfns, SyntheticKernel kernel, int level) {
        StringBuilder text = new StringBuilder();
        pfns.stream().limit(5).forEach(pfn -> text.append(pfn).append(' ')
                .append(kernel.expected(level).kind(pfn)).append(", "));
        return text.toString();
    }
}
