// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import dev.vmsieve.collector.CollectReport;
import dev.vmsieve.collector.Collector;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.PageCounts;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;

/// What does it take to filter a kdump file of 128 MiB of memory again, once the pages to keep are known?
///
/// The dump is compressed with LZO. Asked for no codec its pages are copied; asked for another one, all are decompressed
/// and compressed, which is what copying saves; a dry run reads little but descriptors. One page in eight is left out
/// this time, so that runs of copied pages end. Each invocation pays for opening and removing the file, reading from the
/// page cache, writing and fsync. Before anything is timed the file is compared with the one that a single thread
/// writes. Size is printed beside. Set -Djava.io.tmpdir to a tmpfs to leave the disk out.
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH sets the parameters, and runs the set-up before anything else
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 10)
@Measurement(iterations = 20)
@Fork(value = 1, jvmArgsAppend = {ProgramFlags.COMPILER, ProgramFlags.COLLECTOR, ProgramFlags.NATIVE_ACCESS,
        ProgramFlags.PLAIN_JARS})
public class RefilterBenchmark {
    /// Pages of memory.
    @Param({"32768"})
    public long pages;

    /// Threads that copy or compress.
    @Param({"1", "2"})
    public int threads;

    /// The codec asked for; NONE and LZO copy.
    @Param({"NONE", "ZSTD"})
    public Compression compression;

    /// Only tell the size.
    @Param({"false", "true"})
    public boolean dryRun;

    private Path folder;
    private Vmcore dump;
    private FilterResult filtered;
    private DumpIdentity identity;

    /// Makes the dump, and checks that what comes of it does not depend on threads.
    @Setup
    public void makeDump() throws IOException {
        folder = Files.createTempDirectory("refilter-benchmark");
        Path file = folder.resolve("dump");
        try (Vmcore vmcore = VmcoreOpener.open(BenchDumps.mixture(folder.resolve("vmcore"), pages),
                new OpenOptions(true), Progress.NONE)) {
            PageBitmap all = new PageBitmap(vmcore.maxMapnr());
            vmcore.markExisting(new PfnRange(0, vmcore.maxMapnr()), all);
            Collector.collect(CollectPlan.of(file, Compression.LZO), vmcore, filtered(all, all),
                    DumpIdentity.of(vmcore, Optional.empty()), Progress.NONE);
        }
        dump = VmcoreOpener.open(file, new OpenOptions(true), Progress.NONE);
        PageBitmap existing = new PageBitmap(dump.maxMapnr());
        PageBitmap kept = new PageBitmap(dump.maxMapnr());
        PfnRange range = new PfnRange(0, dump.maxMapnr());
        dump.markExisting(range, existing);
        dump.markPresent(range, kept);
        for (long pfn = 0; pfn < pages; pfn += 512) {
            kept.clearRange(pfn, pfn + 64);
        }
        filtered = filtered(existing, kept);
        identity = DumpIdentity.of(dump, Optional.empty());
        CollectReport report = collect("measured", threads, false);
        collect("expected", 1, false);
        if (Files.mismatch(folder.resolve("measured"), folder.resolve("expected")) >= 0
                || collect("none", threads, true).fileBytes() != report.fileBytes()) {
            throw new IllegalStateException("the file depends on threads, or a dry run tells another size");
        }
        System.out.println("pages " + report.pages() + ", input " + Files.size(file) + " bytes, file "
                + report.fileBytes() + " bytes");
    }

    private FilterResult filtered(PageBitmap existing, PageBitmap dumpable) {
        return new FilterResult(new DumpBitmaps(existing, dumpable, new PageBitmap(existing.size())),
                new PageCounts(pages, pages, 0, 0, 0, 0, 0, 0, 0, 0), DumpLevel.of(1));
    }

    /// Writes the dump, or tells its size.
    @Benchmark
    public CollectReport refilter() throws IOException {
        return collect("measured", threads, dryRun);
    }

    private CollectReport collect(String name, int workers, boolean dry) throws IOException {
        Path file = folder.resolve(name);
        Files.deleteIfExists(file);
        CollectPlan plan = CollectPlan.of(file, compression).withThreads(workers).withDryRun(dry);
        return Collector.collect(plan, dump, filtered, identity, Progress.NONE);
    }

    /// Removes what was made.
    @TearDown
    public void removeFiles() throws IOException {
        dump.close();
        BenchDumps.remove(folder);
    }
}
