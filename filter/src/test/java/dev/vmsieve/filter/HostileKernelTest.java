// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.Segment;
import dev.vmsieve.fixtures.SegmentData;
import dev.vmsieve.fixtures.SplitDumpBuilder;
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

    /// The kernel leaves PG_hwpoison where it is when the memory around such a page is taken offline.
    @ParameterizedTest
    @EnumSource(names = {"V4_15", "V5_10", "V6_1", "V6_16"})
    void leavesOutAPoisonedPageThatWasTakenOffline(KernelEra era) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(era).megabytes(384).offlineSection(2).build();
        long bad = kernel.pages((2 << 15) + 100, 1).kernelData().hwpoison().pfn();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            for (int level : new int[]{0, 31}) {
                FilterResult result = filter.filter(level);
                PageFilterTest.assertAsExpected(kernel, result, level);
                assertThat(result.bitmaps().dumpable().get(bad)).isFalse();
                assertThat(result.bitmaps().unreadable().get(bad)).isTrue();
                assertThat(result.counts().unclassified()).isEqualTo((1 << 15) - 1);
            }
        }
    }

    @Test
    void saysThatNoSectionCanBeRead() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_1)
                .with("SYMBOL(mem_section)", "ffff800000000000").build();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            assertThatThrownBy(() -> filter.filter(31)).isInstanceOf(CorruptDumpException.class)
                    .hasMessageContaining("mem_section: no section has a mem_map that can be read")
                    .hasMessageEndingWith("; dump level 31 needs page structures, levels 0 and 1 do without");
            FilterResult result = filter.filter(1);
            assertThat(result.counts().unclassified()).isEqualTo(result.counts().existing());
            assertThat(filter.warnings()).anyMatch(line -> line.contains("mem_section"));
        }
    }

    /// The last section that the kernel has ends the dump, also where its root cannot be read (16 GiB with entries of 32
    /// bytes), or its entry cannot be right.
    @ParameterizedTest
    @CsvSource({"root, V4_4", "root, V4_15", "entry, V4_15", "root, V6_12", "entry, V6_12"})
    void keepsAllMemoryAboveASectionThatCannotBeRead(String what, KernelEra era) throws IOException {
        long far = 64L << 30;
        SyntheticKernel kernel = SyntheticKernel.builder(era).megabytes(128).ram(far, far + (128 << 20)).build();
        long user = kernel.next(0, 100).anon().pfn();
        long perRoot = era.since(KernelEra.V5_4) ? 256 : 128;
        long pointer = mapped(kernel, symbol(kernel, "mem_section")) + (far >> 27) / perRoot * Long.BYTES;
        long root = mapped(kernel, kernel.memory().getLong(pointer));
        if (what.equals("root")) {
            kernel.memory().putLong(pointer, 0xffffc90000000000L);
        } else {
            kernel.memory().putLong(root + (far >> 27) % perRoot * (4096 / perRoot), 0xfff);
        }
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            for (int level : new int[]{0, 1, 31}) {
                FilterResult result = filter.filter(level);
                assertThat(result.counts().maxMapnr()).isEqualTo((far >> 12) + (1 << 15));
                assertThat(result.bitmaps().dumpable().cardinality(far >> 12, (far >> 12) + (1 << 15)))
                        .as("-d " + level).isEqualTo(1 << 15);
                assertThat(result.counts().unclassified()).isEqualTo(1 << 15);
                assertThat(result.counts().user()).isEqualTo(level == 31 ? 100 : 0);
            }
            assertThat(filter.filter(31).bitmaps().dumpable().cardinality(user, user + 100)).isZero();
            assertThat(filter.warnings())
                    .anyMatch(line -> line.contains("1 section entries or roots cannot be read; their pages are kept"));
        }
    }

    /// Memory that the kernel was told not to use (`mem=`) has no section, and does not count.
    @Test
    void endsWithTheLastSection() throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V4_15).megabytes(256).build();
        long pointer = mapped(kernel, symbol(kernel, "mem_section"));
        kernel.memory().putLong(mapped(kernel, kernel.memory().getLong(pointer)) + 32, 0);
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            assertThat(filter.filter(0).counts().maxMapnr()).isEqualTo(1 << 15);
        }
    }

    /// Kernels before 2.6.26 can have 40 bits of physical memory, and do not say so.
    @Test
    void readsRootsOfA40BitKernel() throws IOException {
        long far = 33L << 30;
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V3_2).with("LENGTH(mem_section)", "64")
                .megabytes(128).ram(far, far + (128 << 20)).build();
        kernel.pages(far >> 12, 100).anon();
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            PageFilterTest.assertAsExpected(kernel, filter.filter(8), 8);
        }
    }

    /// Numbers that cannot be right are told, where they matter; elsewhere the dump is made without.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            OFFSET(mem_section.section_mem_map) | 16 | must be at most 8 and a multiple of 8 but was 16
            OFFSET(mem_section.section_mem_map) | 4 | must be at most 8 and a multiple of 8 but was 4
            OFFSET(mem_section.section_mem_map) | 4294967296 | must be at most 8 and a multiple of 8 but was 42949
            NUMBER(SECTION_SIZE_BITS) | 13 | must leave at most 1048576 roots of sections below 0x
            """)
    void refusesNumbersOfSectionsThatCannotBe(String key, String value, String message) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_1).with(key, value).build();
        ElfCoreBuilder core = kernel.core();
        if (key.startsWith("NUMBER")) {
            core.load(Segment.of((1L << 52) - (1 << 20), 0, 4096, SegmentData.zeros()));
        }
        try (SyntheticFilter filter = SyntheticFilter.of(core)) {
            assertThatThrownBy(() -> filter.filter(31)).isInstanceOf(CorruptDumpException.class)
                    .hasMessageContaining("VMCOREINFO: " + key + " " + message);
            if (key.startsWith("OFFSET")) {
                FilterResult result = filter.filter(1);
                assertThat(result.counts().unclassified()).isEqualTo(result.counts().existing());
                assertThat(filter.warnings()).anyMatch(line -> line.contains(message));
            }
        }
    }

    /// Compound pages whose order cannot be told count as single pages.
    @ParameterizedTest
    @CsvSource({"V6_1, OFFSET(page.compound_order), 70000", "V6_1, OFFSET(page.compound_dtor), 70000",
            "V4_15, OFFSET(page.compound_order), 2147483647", "V3_2, OFFSET(list_head.prev), 70000",
            "V3_2, OFFSET(list_head.next), 70000"})
    void readsNothingBesideTheStructPage(KernelEra era, String key, String value) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.builder(era).with(key, value)
                .with("SYMBOL(free_huge_page)", "ffffffff81004100").build();
        kernel.next(9, 2).thp(9);
        kernel.next(9, 2).hugetlb(9);
        try (SyntheticFilter filter = SyntheticFilter.of(kernel)) {
            assertThat(filter.filter(8).counts().user()).isGreaterThanOrEqualTo(2);
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
                    .hasMessageContaining(
                            "kernel: not found where VMCOREINFO says it is, but dump level 16 needs it");
        }
    }

    /// What the input lacks because of its own level needs no kernel to stay left out.
    @Test
    void needsNoKernelForTheLevelOfADumpThatIsFilteredAgain(@TempDir Path directory) throws IOException {
        Path input = new SplitDumpBuilder(8).level(23).page(1, new byte[4096], 0).excluded(3)
                .write(directory.resolve("dump"));
        try (Vmcore vmcore = VmcoreOpener.open(input, new OpenOptions(false), Progress.NONE)) {
            for (int level : new int[]{0, 1, 17, 23}) {
                FilterResult result = PageFilter.filter(vmcore, Optional.empty(),
                        FilterPlan.of(DumpLevel.of(level), 1), Progress.NONE);
                assertThat(result.level().bits()).isEqualTo(23);
                assertThat(result.counts().existing()).isEqualTo(2);
                assertThat(result.bitmaps().dumpable().get(1)).isTrue();
                assertThat(result.bitmaps().dumpable().get(3)).isFalse();
            }
            assertThatThrownBy(() -> PageFilter.filter(vmcore, Optional.empty(), FilterPlan.of(DumpLevel.of(31), 1),
                    Progress.NONE)).hasMessageContaining("but dump level 31 needs it");
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

    private static long symbol(SyntheticKernel kernel, String name) {
        String key = "SYMBOL(" + name + ")=";
        return kernel.vmcoreinfo().lines().filter(line -> line.startsWith(key))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(key.length()), 16)).findFirst().orElseThrow();
    }

    /// Physical address of an address in the kernel's image or the direct map.
    private static long mapped(SyntheticKernel kernel, long kvaddr) {
        return kvaddr >= 0xffffffff80000000L
                ? kvaddr - 0xffffffff80000000L + kernel.physBase()
                : kvaddr - kernel.directMap();
    }

    private static void makeAnonymous(SyntheticKernel kernel, long pfn) {
        kernel.memory().putLong(kernel.structPagePaddr(pfn) + MAPPING, 0xffff888000000001L);
    }
}
