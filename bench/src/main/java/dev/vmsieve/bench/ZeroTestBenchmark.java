// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench;

import java.nio.ByteBuffer;
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

import dev.vmsieve.filter.codec.ZeroPage;

/// What does it take to tell a page of zeroes? Nanoseconds a page of 4 KiB, over 4 MiB of pages that are all alike.
///
/// Pages that begin with something else are told at once, those that end with it cost as much as one of zeroes.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {ProgramFlags.COMPILER, ProgramFlags.COLLECTOR, ProgramFlags.NATIVE_ACCESS,
        ProgramFlags.PLAIN_JARS})
public class ZeroTestBenchmark {
    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 1024;
    private static final int NOWHERE = -1;

    /// The byte of each page that is not zero; -1 if all are.
    @Param({"-1", "0", "2048", "4095"})
    public int where;

    private final ZeroPage zeroes = new ZeroPage(PAGE_BYTES);
    private final ByteBuffer pages = ByteBuffer.allocateDirect(PAGES * PAGE_BYTES);

    /// Makes the pages, and checks the answers.
    @Setup
    public void setUp() {
        for (int i = 0; where != NOWHERE && i < PAGES; i++) {
            pages.put(i * PAGE_BYTES + where, (byte) 1);
        }
        if (count() != (where == NOWHERE ? PAGES : 0)) {
            throw new IllegalStateException("pages are not told right");
        }
    }

    /// Counts the pages of zeroes.
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public int count() {
        int count = 0;
        for (int i = 0; i < PAGES; i++) {
            count += zeroes.isAt(pages, i * PAGE_BYTES) ? 1 : 0;
        }
        return count;
    }
}
