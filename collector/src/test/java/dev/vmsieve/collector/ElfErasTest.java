// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.PageFilter;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.ElfComparison;
import dev.vmsieve.fixtures.ExpectedPages;
import dev.vmsieve.fixtures.ExpectedPages.Kind;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SyntheticKernel;

/// ELF dumps of kernels of all times, and what becomes of them when they are filtered again.
class ElfErasTest {
    private static final long SEED = 815;

    @TempDir
    Path folder;

    private static CollectReport collect(CollectPlan plan, Path source, int level) throws IOException {
        try (Vmcore vmcore = VmcoreOpener.open(source, new OpenOptions(false), Progress.NONE)) {
            Optional<Kernel> kernel = Optional.of(Kernel.open(vmcore, Optional.empty(), Progress.NONE));
            FilterResult filtered = PageFilter.filter(vmcore, kernel, FilterPlan.of(DumpLevel.of(level), 2),
                    Progress.NONE);
            return Collector.collect(plan, vmcore, filtered, DumpIdentity.of(vmcore, kernel), Progress.NONE);
        }
    }

    @ParameterizedTest
    @EnumSource(KernelEra.class)
    void keepsWhatTheLevelKeeps(KernelEra era) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.demo(era, 64, SEED);
        Path source = kernel.write(folder.resolve("vmcore"));
        // At level 0 these two alone are left out.
        ExpectedPages all = kernel.expected(0);
        Set<Kind> unread = Set.of(Kind.HWPOISON, Kind.OFFLINE);
        for (int level : new int[]{0, 1, 30, 31}) {
            Path dump = folder.resolve("dump" + level);
            collect(CollectPlan.elf(dump).withThreads(2), source, level);
            ExpectedPages expected = kernel.expected(level);
            String which = era + " -d " + level + ", seed " + SEED;
            assertThat(ElfComparison.withSource(source, dump, pfn -> unread.contains(all.kind(pfn)))).as(which)
                    .isEmpty();
            long stored = 0;
            try (PlainElfReader elf = new PlainElfReader(dump); PlainElfReader from = new PlainElfReader(source)) {
                for (int pfn = 0; pfn < expected.maxMapnr(); pfn++) {
                    stored += elf.stored(pfn) ? 1 : 0;
                    if (elf.stored(pfn) && unread.contains(all.kind(pfn))) {
                        assertThat(elf.page(pfn)).as(which + " pfn %d must not be read", pfn).containsOnly(0);
                    }
                    boolean zero = (level & 1) != 0 && from.exists(pfn) && PlainElfReader.isZero(from.page(pfn));
                    if (expected.dumpable().get(pfn) && !zero) {
                        assertThat(elf.stored(pfn)).as(which + " pfn %d", pfn).isTrue();
                    }
                }
            }
            assertThat(stored).as(which).isLessThanOrEqualTo(expected.existing().cardinality());
        }
    }

    @ParameterizedTest
    @CsvSource({"V4_15, 0, 0", "V6_1, 1, 31", "V6_1, 31, 31", "V6_12, 16, 31", "V7_2, 31, 31"})
    void filteredAgainIsAsFilteredOnce(KernelEra era, int first, int second) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.demo(era, 64, SEED);
        Path source = kernel.write(folder.resolve("vmcore"));
        Path once = folder.resolve("once");
        collect(CollectPlan.elf(once), source, first);
        Path direct = folder.resolve("direct");
        collect(CollectPlan.elf(direct), source, second);
        Path again = folder.resolve("again");
        collect(CollectPlan.elf(again), once, second);
        assertThat(again).as("seed " + SEED).hasSameBinaryContentAs(direct);
        comparesAsKdump(source, once, second);
    }

    /// As kdump too, but for zero pages: of those in long runs an ELF dump does not say that they were there.
    private void comparesAsKdump(Path source, Path once, int level) throws IOException {
        Path direct = folder.resolve("direct.kdump");
        collect(CollectPlan.of(direct, Compression.LZO), source, level);
        Path again = folder.resolve("again.kdump");
        collect(CollectPlan.of(again, Compression.LZO), once, level);
        try (PlainKdumpReader expected = new PlainKdumpReader(direct);
                PlainKdumpReader found = new PlainKdumpReader(again)) {
            assertThat(found.check()).isEmpty();
            assertThat(found.maxMapnr()).isEqualTo(expected.maxMapnr());
            assertThat(found.notes()).isEqualTo(expected.notes());
            for (long pfn = 0; pfn < expected.maxMapnr(); pfn++) {
                assertThat(found.exists(pfn)).isEqualTo(expected.exists(pfn));
                if (found.dumped(pfn)) {
                    assertThat(expected.dumped(pfn)).as("pfn %d", pfn).isTrue();
                    assertThat(found.page(pfn)).as("pfn %d", pfn).isEqualTo(expected.page(pfn));
                } else if (expected.dumped(pfn)) {
                    assertThat(expected.page(pfn)).as("pfn %d is missing", pfn).containsOnly(0);
                }
            }
        }
    }
}
