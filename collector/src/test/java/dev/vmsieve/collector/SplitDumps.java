// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// Split dumps of a small vmcore, each part checked by the plain reader.
abstract class SplitDumps {
    static final int PFNS = 1000;
    static final long BLOCK = 64 * FakeVmcore.PAGE_BYTES;

    @TempDir
    Path folder;

    static CollectPlan plan(Compression compression) {
        return CollectPlan.of(Path.of("untouched"), compression).withBatchPages(16);
    }

    SplitPlan parts(int number) {
        return parts("part", number);
    }

    SplitPlan parts(String name, int number) {
        List<Path> files = new ArrayList<>();
        for (int i = 1; i <= number; i++) {
            files.add(folder.resolve(name + i));
        }
        return new SplitPlan(files, BLOCK, true);
    }

    static CollectReport split(CollectPlan plan, SplitPlan split, FakeVmcore vmcore, FilterResult filtered)
            throws IOException {
        return Collector.split(plan, split, vmcore, filtered, identity(vmcore), Progress.NONE);
    }

    /// Pages that are in the set, each checked against the vmcore.
    static long assertParts(SplitPlan split, FilterResult filtered, boolean incomplete) throws IOException {
        long end = 0;
        long pages = 0;
        byte[] main = {};
        for (Path file : split.files()) {
            try (PlainKdumpReader part = new PlainKdumpReader(file)) {
                assertThat(part.check()).as("%s", file).isEmpty();
                assertThat((part.status() & PlainKdumpReader.INCOMPLETE) != 0).isEqualTo(incomplete);
                assertThat(part.split()).isEqualTo(1);
                assertThat(part.startPfn()).isEqualTo(end);
                assertThat(main.length == 0 || Arrays.equals(main, part.mainHeaderBytes())).isTrue();
                main = part.mainHeaderBytes();
                end = part.endPfn();
                pages += assertPages(part, filtered);
            }
        }
        assertThat(end).isEqualTo(PFNS);
        return pages;
    }

    static long assertPages(PlainKdumpReader part, FilterResult filtered) throws IOException {
        long pages = 0;
        for (long pfn = 0; pfn < PFNS; pfn++) {
            assertThat(part.dumped(pfn)).isEqualTo(filtered.bitmaps().dumpable().get(pfn));
            assertThat(part.exists(pfn)).isEqualTo(filtered.bitmaps().existing().get(pfn));
            boolean own = part.dumped(pfn) && pfn >= part.startPfn() && pfn < part.endPfn();
            if (own && part.descriptor(pfn).offset() != 0) {
                assertThat(part.page(pfn)).as("page of pfn %d", pfn).isEqualTo(FakeVmcore.page(pfn));
                pages++;
            }
        }
        return pages;
    }
}
