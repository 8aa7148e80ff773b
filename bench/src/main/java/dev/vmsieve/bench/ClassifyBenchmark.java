// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
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
/// The machine has 512 MB: about 15 % each of anonymous pages, file pages and slabs, in runs of 1 to 64 pages that take
/// turns by chance; as much in huge pages; the rest mostly free. Its struct pages, 8 MiB, may lie in the CPU's caches. All
/// thread counts are checked for the same counts before anything is timed.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {ProgramFlags.COMPILER, ProgramFlags.COLLECTOR, ProgramFlags.NATIVE_ACCESS,
        ProgramFlags.PLAIN_JARS})
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
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1_800; i++) {
            int run = random.nextInt(1, 65);
            switch (random.nextInt(3)) {
                case 0 -> machine.next(0, run).anon().content(PagePattern.ZERO);
                case 1 -> machine.next(0, run).fileCache().content(PagePattern.ZERO);
                default -> machine.next(3, (run + 7) / 8).slab(3).content(PagePattern.ZERO);
            }
        }
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
