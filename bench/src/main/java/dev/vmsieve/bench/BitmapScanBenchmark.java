// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import dev.vmsieve.filter.bitmap.PageBitmap;

/// What do bitmaps cost a pfn? 16 GiB of memory, kept pages in runs whose mean length is the parameter.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {ProgramFlags.COMPILER, ProgramFlags.COLLECTOR, ProgramFlags.NATIVE_ACCESS,
        ProgramFlags.PLAIN_JARS})
public class BitmapScanBenchmark {
    private static final int PAGES = 1 << 22;

    /// Mean length of a run of set bits, and of one of clear bits.
    @Param({"2", "64", "4096"})
    public int run;

    private final PageBitmap bitmap = new PageBitmap(PAGES);
    private long expected;

    /// Fills the bitmap.
    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(1);
        for (long pfn = 0; pfn < PAGES;) {
            long end = Math.min(PAGES, pfn + 1 + random.nextInt(2 * run));
            bitmap.setRange(pfn, end);
            pfn = end + 1 + random.nextInt(2 * run);
        }
        expected = bitmap.cardinality();
        if (runs() != expected || pages() != expected) {
            throw new IllegalStateException("runs, pages and cardinality disagree");
        }
    }

    /// Visits page after page, as a kdump file's batches are cut.
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public long pages() {
        long pages = 0;
        for (long pfn = bitmap.nextSet(0); pfn < PAGES; pfn = bitmap.nextSet(pfn + 1)) {
            pages++;
        }
        return pages;
    }

    /// Visits all runs, as the writer of ELF files does.
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public long runs() {
        long pages = 0;
        for (long start = bitmap.nextSet(0); start < PAGES;) {
            long end = bitmap.nextClear(start, PAGES);
            pages += end - start;
            start = bitmap.nextSet(end);
        }
        return pages;
    }

    /// Counts.
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public long cardinality() {
        return bitmap.cardinality();
    }
}
