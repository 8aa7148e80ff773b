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
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import dev.vmsieve.filter.FilterPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.PageFilter;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.SyntheticKernel;

/// How long does it take to tell what a page is? Nanoseconds a page, of the whole filter: holes, mem_map, reading struct
/// pages out of the page cache, classifying, and the checks after it.
///
/// The machine has 512 MB: a fifth each of anonymous pages, file pages, slabs, huge pages, and the rest free. All thread
/// counts are checked for the same counts before anything is timed.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ClassifyBenchmark {
    private static final int PAGES = 512 << 8;

    /// Dump level.
    @Param({"0", "16", "31"})
    public int level;
    /// Kernels whose pages are told in different ways: free pages by lists, by a marker, by types of three kinds.
    @Param({"V3_2", "V4_15", "V5_10", "V6_6", "V6_12", "V7_2"})
    public KernelEra era = KernelEra.V6_12;
    /// Threads that scan.
    @Param({"1", "2"})
    public int threads;

    private Path file = Path.of("");
    private Vmcore vmcore;
    private Kernel kernel;

    /// Nothing is there before [#setUp].
    @SuppressWarnings("NullAway.Init")
    public ClassifyBenchmark() {}

    /// Makes the machine.
    @Setup(Level.Trial)
    public void setUp() throws IOException {
        SyntheticKernel machine = SyntheticKernel.builder(era).megabytes(512).seed(1).build();
        machine.next(0, 20_000).anon().content(PagePattern.ZERO);
        machine.next(0, 20_000).fileCache().content(PagePattern.ZERO);
        machine.next(3, 2_500).slab(3).content(PagePattern.ZERO);
        machine.next(9, 40).thp(9).content(PagePattern.ZERO);
        machine.next(4, 1_000).buddy(4);
        machine.next(10, 20).buddy(10);
        file = machine.write(Files.createTempFile("classify", ".vmcore"));
        vmcore = VmcoreOpener.open(file, new OpenOptions(false), Progress.NONE);
        kernel = Kernel.open(vmcore, Optional.empty(), Progress.NONE);
        if (!run(1).counts().equals(run(threads).counts()) || run(1).counts().existing() > PAGES) {
            throw new IllegalStateException("thread counts disagree");
        }
    }

    /// Removes it.
    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        vmcore.close();
        Files.delete(file);
    }

    /// One filter run.
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public FilterResult filter() throws IOException {
        return run(threads);
    }

    private FilterResult run(int count) throws IOException {
        return PageFilter.filter(vmcore, Optional.of(kernel), FilterPlan.of(DumpLevel.of(level), count),
                Progress.NONE);
    }
}
