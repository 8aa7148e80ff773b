// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.DumpComparison;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// Dumps that are filtered again, and the same pages decompressed and compressed to compare with.
abstract class RefilterRuns {
    static final int PAGE = 4096;
    static final int PFNS = 3000;
    static final int DESCRIPTOR_BYTES = 24;
    static final String VMCOREINFO = "OSRELEASE=6.1.0-test\nPAGESIZE=4096\nCRASHTIME=1700000000\n";
    private static final int[] METHODS = {PlainKdumpReader.ZLIB, PlainKdumpReader.SNAPPY, 0, PlainKdumpReader.ZSTD};

    @TempDir
    Path folder;
    final List<String> warnings = Collections.synchronizedList(new ArrayList<>());

    /// What one run had as its outcome.
    record Run(Path file, CollectReport report, boolean incompleteInput) {}

    Vmcore open(Path input) throws IOException {
        return VmcoreOpener.open(input, new OpenOptions(true), Progress.warnings(warnings::add));
    }

    /// Another level leaves out every fifth run of eight pages.
    static FilterResult filtered(Vmcore vmcore, int level) {
        PageBitmap existing = new PageBitmap(vmcore.maxMapnr());
        PageBitmap dumpable = new PageBitmap(vmcore.maxMapnr());
        PfnRange all = new PfnRange(0, vmcore.maxMapnr());
        vmcore.markExisting(all, existing);
        vmcore.markPresent(all, dumpable);
        for (long pfn = 24; pfn < vmcore.maxMapnr(); pfn += 40) {
            dumpable.clearRange(pfn, Math.min(pfn + 8, vmcore.maxMapnr()));
        }
        return FakeVmcore.result(new DumpBitmaps(existing, dumpable, new PageBitmap(vmcore.maxMapnr())), level);
    }

    Run run(Vmcore vmcore, CollectPlan plan) throws IOException {
        DumpIdentity identity = DumpIdentity.of(vmcore, Optional.empty());
        boolean incomplete = vmcore.incomplete();
        CollectReport report = Collector.collect(plan.withOverwrite(true), vmcore, filtered(vmcore, 1), identity,
                Progress.warnings(warnings::add));
        return new Run(plan.dumpFile(), report, incomplete);
    }

    Run refilter(Path input, Compression asked) throws IOException {
        try (Vmcore vmcore = open(input)) {
            return run(vmcore, CollectPlan.of(folder.resolve("again." + asked), asked).withThreads(2));
        }
    }

    /// The slow way, for which a dump is memory like any other.
    Run recompress(Path input, Compression asked) throws IOException {
        try (Vmcore vmcore = new MemoryOnly(open(input))) {
            return run(vmcore, CollectPlan.of(folder.resolve("expected." + asked), asked));
        }
    }

    void holdsWhatRecompressingWould(Run run, Path input, Compression asked) throws IOException {
        Run expected = recompress(input, asked);
        assertThat(DumpComparison.withPeer(run.file, expected.file)).isEmpty();
        assertThat(run.report.pages()).isEqualTo(expected.report.pages());
        assertThat(run.report.zeroPages()).isEqualTo(expected.report.zeroPages());
        assertThat(run.report.unreadablePages()).isEqualTo(expected.report.unreadablePages());
        assertThat(run.report.fileBytes()).isEqualTo(Files.size(run.file));
        try (PlainKdumpReader dump = new PlainKdumpReader(run.file)) {
            assertThat(dump.check()).isEmpty();
            boolean lacksPages = run.report.unreadablePages() > 0 || run.incompleteInput;
            assertThat((dump.status() & PlainKdumpReader.INCOMPLETE) != 0).isEqualTo(lacksPages);
        }
    }

    Path compressedBy(Compression method) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        Path file = folder.resolve("input." + method);
        Collector.collect(CollectPlan.of(file, method), vmcore, vmcore.filtered(0), DumpChecks.identity(vmcore),
                Progress.NONE);
        return file;
    }

    static byte[] contents(long pfn) {
        PagePattern[] patterns = PagePattern.values();
        return patterns[(int) (pfn / 3 % patterns.length)].page(pfn, 11);
    }

    /// Pages of all methods but LZO in turn, zero pages among them.
    static SplitDumpBuilder mixed() throws IOException {
        SplitDumpBuilder dump = new SplitDumpBuilder(PFNS).vmcoreinfo(VMCOREINFO).status(PlainKdumpReader.ZLIB);
        for (long pfn = 0; pfn < PFNS; pfn++) {
            if (pfn % 11 == 5) {
                dump.excluded(pfn);
            } else if (pfn % 13 != 7) {
                dump.page(pfn, contents(pfn), METHODS[(int) (pfn / 2 % METHODS.length)]);
            }
        }
        return dump;
    }

    Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }
}
