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

/// What does it take to write a dump of 128 MiB of memory, once the pages to keep are known?
///
/// Each invocation pays for opening and removing the dump file, reading from the page cache, compressing, writing and
/// fsync. Before anything is timed the file is compared with the one that a single thread writes. Size is printed
/// beside. Set -Djava.io.tmpdir to a tmpfs to leave the disk out.
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH sets the parameters, and runs the set-up before anything else
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 10)
@Measurement(iterations = 20)
@Fork(value = 1, jvmArgsAppend = {ProgramFlags.COMPILER, ProgramFlags.COLLECTOR, ProgramFlags.NATIVE_ACCESS,
        ProgramFlags.PLAIN_JARS})
public class CollectBenchmark {
    /// Pages of memory.
    @Param({"32768"})
    public long pages;

    /// Threads that compress.
    @Param({"1", "2"})
    public int threads;

    /// Pages that a thread takes at a time.
    @Param({"64"})
    public int batchPages;

    /// How pages are compressed; or ELF, for an ELF file.
    @Param({"NONE", "ZLIB", "LZO", "SNAPPY", "ZSTD", "ELF"})
    public String form;

    private Path folder;
    private Vmcore vmcore;
    private FilterResult filtered;
    private DumpIdentity identity;

    /// Makes the vmcore, and checks that the file does not depend on threads or batches.
    @Setup
    public void makeVmcore() throws IOException {
        folder = Files.createTempDirectory("collect-benchmark");
        vmcore = VmcoreOpener.open(BenchDumps.mixture(folder.resolve("vmcore"), pages), new OpenOptions(true),
                Progress.NONE);
        PageBitmap all = new PageBitmap(vmcore.maxMapnr());
        vmcore.markExisting(new PfnRange(0, vmcore.maxMapnr()), all);
        filtered = new FilterResult(new DumpBitmaps(all, all, new PageBitmap(vmcore.maxMapnr())),
                new PageCounts(pages, pages, 0, 0, 0, 0, 0, 0, 0, 0), DumpLevel.of(1));
        identity = DumpIdentity.of(vmcore, Optional.empty());
        CollectReport report = collect("measured", threads, batchPages);
        collect("expected", 1, CollectPlan.DEFAULT_BATCH);
        if (Files.mismatch(folder.resolve("measured"), folder.resolve("expected")) >= 0) {
            throw new IllegalStateException("the file depends on threads or batches");
        }
        System.out.println("pages " + report.pages() + ", file " + report.fileBytes() + " bytes");
    }

    /// Writes the dump.
    @Benchmark
    public CollectReport collect() throws IOException {
        return collect("measured", threads, batchPages);
    }

    private CollectReport collect(String name, int workers, int pagesABatch) throws IOException {
        Path file = folder.resolve(name);
        Files.deleteIfExists(file);
        CollectPlan kind = form.equals("ELF")
                ? CollectPlan.elf(file)
                : CollectPlan.of(file, Compression.valueOf(form));
        CollectPlan plan = kind.withThreads(workers).withBatchPages(pagesABatch);
        return Collector.collect(plan, vmcore, filtered, identity, Progress.NONE);
    }

    /// Removes what was made.
    @TearDown
    public void removeFiles() throws IOException {
        vmcore.close();
        BenchDumps.remove(folder);
    }
}
