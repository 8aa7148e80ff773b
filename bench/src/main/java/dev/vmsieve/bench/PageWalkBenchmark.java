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

import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.paging.KernelMemory;
import dev.vmsieve.filter.paging.Translation;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.SyntheticKernel;
import dev.vmsieve.fixtures.SyntheticKernelBuilder;

/// What does a page table walk cost? Translates the struct pages of 512 MB of memory, which are 8 MiB, another leaf each
/// time: 2048 leaves of 4 KiB one after the other, or four of 2 MiB by turns, through four levels or five. The last
/// translation is remembered but never asked for again, and all tables lie in the CPU's caches.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {ProgramFlags.COMPILER, ProgramFlags.COLLECTOR, ProgramFlags.NATIVE_ACCESS,
        ProgramFlags.PLAIN_JARS})
public class PageWalkBenchmark {
    private static final int WALKS = 2048;
    private static final long MAPPED_BYTES = 8 << 20;
    private static final int STRUCT_PAGE_BYTES = 64;

    /// Leaves of vmemmap, as a shift.
    @Param({"12", "21"})
    public int leaf;
    /// Page table levels.
    @Param({"4", "5"})
    public int levels;

    private Path file = Path.of("");
    private Vmcore vmcore;
    private KernelMemory memory;
    private long start;

    /// Nothing is there before [#setUp].
    @SuppressWarnings("NullAway.Init")
    public PageWalkBenchmark() {}

    /// Makes the machine.
    @Setup(Level.Trial)
    public void setUp() throws IOException {
        SyntheticKernelBuilder builder = SyntheticKernel.builder(KernelEra.V6_12).megabytes(512).vmemmapLeaf(leaf)
                .sparePool(4 << 20);
        SyntheticKernel machine = (levels == 5 ? builder.fiveLevel() : builder).build();
        file = machine.write(Files.createTempFile("walk", ".vmcore"));
        vmcore = VmcoreOpener.open(file, new OpenOptions(false), Progress.NONE);
        memory = Kernel.open(vmcore, Optional.empty(), Progress.NONE).newMemory();
        start = machine.structPage(0);
        long expected = 0;
        for (int i = 0; i < WALKS; i++) {
            expected += machine.structPagePaddr((((long) i << leaf) % MAPPED_BYTES) / STRUCT_PAGE_BYTES);
        }
        if (walk() != expected) {
            throw new IllegalStateException("struct pages are mapped to other places");
        }
    }

    /// Removes it.
    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        memory.close();
        vmcore.close();
        Files.delete(file);
    }

    /// Translates one address after the other.
    @Benchmark
    @OperationsPerInvocation(WALKS)
    public long walk() throws IOException {
        long sum = 0;
        for (int i = 0; i < WALKS; i++) {
            if (memory.translate(start + ((long) i << leaf) % MAPPED_BYTES) instanceof Translation.Mapped mapped) {
                sum += mapped.paddr();
            }
        }
        return sum;
    }
}
