// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Kernels whose own data cannot be trusted: what is in doubt is kept, and said.
class HostileKernelTest {
    private static final int MAPPING = 24;

    /// A list that runs in a circle, points to nothing, or does not point back: it ends there, others are walked.
    @ParameterizedTest
    @ValueSource(strings = {"circle", "nowhere", "null", "back"})
    void stopsABrokenFreeListAndGoesOn(String how) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V3_2).build();
        long first = kernel.next(3, 6).buddy(3).pfn();
        long other = kernel.next(2, 4).buddy(2).pfn();
        kernel.link();
        long lru = kernel.era().layout().lru();
        long node = kernel.structPage(first + 16) + lru;
        long paddr = kernel.structPagePaddr(first + 16) + lru;
        switch (how) {
            case "circle" -> kernel.memory().putLong(paddr, node);
            case "nowhere" -> kernel.memory().putLong(paddr, 0xffffc90000000000L);
            case "null" -> kernel.memory().putLong(paddr, 0);
            default -> kernel.memory().putLong(paddr + 8, node);
        }
        ElfCoreBuilder core = new ElfCoreBuilder().prstatus(1, 0, 2, 3, 4).vmcoreinfo(kernel.vmcoreinfo());
        try (SyntheticFilter filter = SyntheticFilter.of(kernel.linkedLoads(core))) {
            FilterResult result = filter.filter(16);
            assertThat(filter.warnings()).anyMatch(line -> line.contains("free list of order 3"));
            assertThat(result.counts().free()).isBetween(16L + 8, 48L + 16);
            assertThat(result.bitmaps().dumpable().cardinality(other, other + 16)).isZero();
        }
    }

    /// Page tables and the pages of symbols are the kernel's beyond doubt.
    @Test
    void keepsAKernelPageThatLooksLikeUserMemory() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_12).build();
        kernel.next(0, 50).anon();
        long table = kernel.topTablePaddr() >> 12;
        makeAnonymous(kernel, table);
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            FilterResult result = filter.filter(31);
            assertThat(result.bitmaps().dumpable().get(table)).isTrue();
            assertThat(result.level()).isEqualTo(DumpLevel.of(31));
            assertThat(filter.warnings()).anyMatch(line -> line.contains("1 pages of the kernel itself"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {31, 8})
    void fallsBackWhenTheKernelItselfWouldBeLeftOut(int level) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_12).build();
        long end = kernel.firstUsablePfn();
        for (long pfn = kernel.topTablePaddr() >> 12; pfn < end; pfn++) {
            makeAnonymous(kernel, pfn);
        }
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            FilterResult result = filter.filter(level);
            assertThat(result.level()).isEqualTo(DumpLevel.of(level & 1));
            assertThat(PageFilterTest.bytes(result.bitmaps().dumpable()))
                    .isEqualTo(PageFilterTest.bytes(result.bitmaps().existing()));
            assertThat(result.counts().excluded()).isZero();
            assertThat(filter.warnings())
                    .anyMatch(line -> line.contains("dump level " + (level & 1) + " is used instead of " + level));
        }
    }

    @Test
    void keepsSectionsThatAreNotOnline() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_1).megabytes(384).offlineSection(2).build();
        kernel.next(0, 10).anon();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            FilterResult result = filter.filter(30);
            PageFilterTest.assertAsExpected(kernel, result, 30);
            assertThat(result.counts().unclassified()).isEqualTo(1 << 15);
        }
    }

    @Test
    void saysThatNoSectionCanBeRead() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_1)
                .with("SYMBOL(mem_section)", "ffff800000000000").build();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            assertThatThrownBy(() -> filter.filter(31)).isInstanceOf(CorruptDumpException.class)
                    .hasMessageContaining("mem_section: no section has a mem_map that can be read");
            FilterResult result = filter.filter(1);
            assertThat(result.counts().unclassified()).isEqualTo(result.counts().existing());
            assertThat(filter.warnings()).anyMatch(line -> line.contains("mem_section"));
        }
    }

    @Test
    void followsAPointerToTheSectionRoots() throws IOException {
        SyntheticKernel kernel = PageFilterTest
                .everything(SyntheticKernel.builder(KernelEra.V4_15).memSectionIsPointer());
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            PageFilterTest.assertAsExpected(kernel, filter.filter(30), 30);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"OFFSET(page.flags)", "SIZE(page)", "OFFSET(page.mapping)", "SYMBOL(mem_section)"})
    void namesTheMissingKeyAndTheOptionsThatSupplyIt(String key) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_1).without(key).build();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            assertThatThrownBy(() -> filter.filter(2)).isInstanceOf(MissingSymbolException.class)
                    .hasMessageContaining("VMCOREINFO: " + key + " is missing, but dump level 2 needs it")
                    .hasMessageContaining("-x VMLINUX or -i VMCOREINFO");
            for (int level : new int[]{0, 1}) {
                FilterResult result = filter.filter(level);
                assertThat(result.counts().excluded()).isZero();
                assertThat(PageFilterTest.bytes(result.bitmaps().dumpable()))
                        .isEqualTo(PageFilterTest.bytes(result.bitmaps().existing()));
            }
            assertThat(filter.warnings()).hasSize(2).allMatch(line -> line.contains(key + " is missing"));
        }
    }

    @Test
    void needsNoKernelForLevelsZeroAndOne() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_1).build();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            FilterResult result = PageFilter.filter(filter.vmcore(), Optional.empty(),
                    FilterPlan.of(DumpLevel.of(1), 1), Progress.NONE);
            assertThat(result.counts().unclassified()).isEqualTo(result.counts().existing());
            assertThatThrownBy(() -> PageFilter.filter(filter.vmcore(), Optional.empty(),
                    FilterPlan.of(DumpLevel.of(16), 1), Progress.NONE)).isInstanceOf(MissingSymbolException.class)
                    .hasMessageContaining("VMCOREINFO: not found, but dump level 16 needs it");
        }
    }

    /// SYMBOL(vmemmap) and the sections disagree: the symbol is believed.
    @Test
    void believesTheVmemmapSymbolMoreThanTheSections() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_12)
                .with("SYMBOL(vmemmap)", "ffff800000000000").build();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            FilterResult result = filter.filter(30);
            assertThat(result.counts().excluded()).isZero();
            assertThat(result.counts().unclassified()).isEqualTo(result.counts().existing());
            assertThat(filter.warnings()).anyMatch(line -> line.contains("do not point to SYMBOL(vmemmap)"))
                    .anyMatch(line -> line.contains("may not be understood"));
        }
    }

    @Test
    void warnsWhenTheKernelCountedOtherFreePages() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_12).build();
        kernel.next(10, 3).buddy(10);
        kernel.link();
        kernel.memory().putLong(kernel.freePagesCounter(1), 20000);
        ElfCoreBuilder core = new ElfCoreBuilder().prstatus(1, 0, 2, 3, 4).vmcoreinfo(kernel.vmcoreinfo());
        try (SyntheticFilter filter = SyntheticFilter.of(kernel.linkedLoads(core))) {
            filter.filter(16);
            assertThat(filter.warnings()).anyMatch(line -> line.contains("zone.vm_stat: the kernel counted "));
        }
    }

    private static void makeAnonymous(SyntheticKernel kernel, long pfn) {
        kernel.memory().putLong(kernel.structPagePaddr(pfn) + MAPPING, 0xffff888000000001L);
    }
}
