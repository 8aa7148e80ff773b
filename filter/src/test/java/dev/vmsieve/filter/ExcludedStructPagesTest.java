// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.ExpectedPages;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SplitDumpBuilder;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Dumps made with makedumpfile's `-e`, which has no struct pages of runs of pages left out.
class ExcludedStructPagesTest {
    private static final int LZO_WITHOUT_STRUCT_PAGES = PlainKdumpReader.LZO | 0x10;
    private static final int WORD = 64;
    private static final int BLOCK = 32768;

    @TempDir
    Path directory;
    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());

    /// The memory of struct pages that only describe pages left out, by makedumpfile's rule: two words of the bitmaps or
    /// more, within 32768 pages.
    private static BitSet structPagesOf(SyntheticKernel kernel, ExpectedPages pages) {
        BitSet leftOut = (BitSet) pages.existing().clone();
        leftOut.andNot(pages.dumpable());
        BitSet structPages = new BitSet();
        int run = 0;
        for (int word = 0; word <= pages.maxMapnr(); word += WORD) {
            boolean whole = leftOut.get(word, word + WORD).cardinality() == WORD;
            boolean runEnds = !whole || word % BLOCK == 0;
            if (runEnds && run >= 2) {
                for (int first = word - run * WORD; first < word; first += WORD) {
                    structPages.set((int) (kernel.structPagePaddr(first) >>> 12));
                }
            }
            run = runEnds ? 0 : run;
            run += whole ? 1 : 0;
        }
        return structPages;
    }

    private Path dump(SyntheticKernel kernel, int level, BitSet structPages) throws IOException {
        ExpectedPages pages = kernel.expected(level);
        SplitDumpBuilder dump = new SplitDumpBuilder(pages.maxMapnr()).vmcoreinfo(kernel.vmcoreinfo())
                .physBase(kernel.physBase()).status(LZO_WITHOUT_STRUCT_PAGES).level(level).zeroFirst();
        for (int pfn = pages.existing().nextSetBit(0); pfn >= 0; pfn = pages.existing().nextSetBit(pfn + 1)) {
            if (pages.dumpable().get(pfn) && !structPages.get(pfn)) {
                dump.page(pfn, kernel.content(pfn), PlainKdumpReader.ZSTD);
            } else {
                dump.excluded(pfn);
            }
        }
        return dump.write(directory.resolve("dump"));
    }

    @ParameterizedTest
    @CsvSource({"16, 16", "16, 31", "31, 31", "31, 0", "8, 17"})
    void takesPagesWithoutStructPageForLeftOut(int before, int asked) throws IOException {
        SyntheticKernel kernel = SyntheticKernel.demo(KernelEra.V6_1, 192, 5);
        BitSet structPages = structPagesOf(kernel, kernel.expected(before));
        assertThat(structPages.cardinality()).isPositive();
        Path file = dump(kernel, before, structPages);
        ExpectedPages expected = kernel.expected(before | asked);
        BitSet dumpable = (BitSet) expected.dumpable().clone();
        dumpable.andNot(structPages);
        for (int threads : new int[]{1, 3}) {
            try (Vmcore vmcore = VmcoreOpener.open(file, new OpenOptions(false), Progress.warnings(warnings::add))) {
                assertThat(vmcore.structPagesExcluded()).isTrue();
                Kernel found = Kernel.open(vmcore, Optional.empty(), Progress.NONE);
                FilterResult result = PageFilter.filter(vmcore, Optional.of(found),
                        FilterPlan.of(DumpLevel.of(asked), threads), Progress.warnings(warnings::add));

                assertThat(SyntheticFilter.bits(result.bitmaps().dumpable())).isEqualTo(dumpable);
                assertThat(SyntheticFilter.bits(result.bitmaps().existing())).isEqualTo(expected.existing());
                assertThat(result.level().bits()).isEqualTo(before | asked);
                assertThat(result.counts().unclassified()).isZero();
                assertThat(result.counts().leftOutBefore()).isEqualTo((long) structPages.cardinality() * WORD);
                assertThat(result.counts().remaining()).isEqualTo(expected.dumpable().cardinality());
            }
        }
        // the demo's kernel has a page that earns this one
        warnings.removeIf(warning -> warning.contains("1 free pages with an impossible order"));
        assertThat(warnings).isEmpty();
    }
}
