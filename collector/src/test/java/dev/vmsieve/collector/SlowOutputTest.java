// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;

/// A dump sent down a pipe that nobody reads for a while.
@Timeout(120)
class SlowOutputTest {
    private static final int PFNS = 6000;
    private static final int BATCH_PAGES = 8;
    private static final long POLL_MILLIS = 20;
    private static final long IDLE_MILLIS = 400;
    /// Of processor time, all threads together; one that spins takes [#IDLE_MILLIS].
    private static final long MOST_IDLE_CPU_NANOS = 100_000_000;

    private final AtomicLong furthest = new AtomicLong();
    private final AtomicLong written = new AtomicLong();

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void readsOnUntilTheRingIsFullAndThenSleeps(int threads) throws Exception {
        long slots = 2L * threads + 1;
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN,
                pfn -> furthest.accumulateAndGet(pfn, Math::max));
        FilterResult filtered = vmcore.filtered(31);
        Pipe pipe = Pipe.open();
        FutureTask<Long> run = new FutureTask<>(() -> {
            try (WritableByteChannel sink = pipe.sink()) {
                return flatten(threads, sink, vmcore, filtered);
            }
        });
        new Thread(run, "run").start();
        List<Thread> workers = awaitStandstill(threads);

        // What is read and not written fills the ring, no more and no less.
        long read = filtered.bitmaps().dumpable().cardinality(0, furthest.get() + 1);
        assertThat(read).isBetween(written.get() + (slots - 1) * BATCH_PAGES + 1, written.get() + slots * BATCH_PAGES);
        long before = cpuNanos(workers);
        Thread.sleep(IDLE_MILLIS);
        assertThat(cpuNanos(workers) - before).isLessThan(MOST_IDLE_CPU_NANOS);
        assertThat(filtered.bitmaps().dumpable().cardinality(0, furthest.get() + 1)).isEqualTo(read);

        byte[] sent;
        try (InputStream source = Channels.newInputStream(pipe.source())) {
            sent = source.readAllBytes();
        }
        assertThat(run.get()).isEqualTo(filtered.bitmaps().dumpable().cardinality());
        ByteArrayOutputStream unhindered = new ByteArrayOutputStream();
        FakeVmcore again = new FakeVmcore(PFNS);
        flatten(2, Channels.newChannel(unhindered), again, again.filtered(31));
        assertThat(sent).isEqualTo(unhindered.toByteArray());
        assertThreadsEnded(vmcore);
    }

    /// @return pages sent
    private long flatten(int threads, WritableByteChannel sink, FakeVmcore vmcore, FilterResult filtered)
            throws IOException {
        CollectPlan plan = CollectPlan.of(Path.of("pipe"), Compression.LZO).withThreads(threads)
                .withBatchPages(BATCH_PAGES);
        return Collector.flatten(plan, sink, vmcore, filtered, identity(vmcore), new Written()).pages();
    }

    /// Waits until the sender is at the pipe and all workers wait for it.
    private static List<Thread> awaitStandstill(int threads) throws InterruptedException {
        while (true) {
            List<Thread> workers = new ArrayList<>();
            int parked = 0;
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().startsWith("vmsieve-collect")) {
                    workers.add(thread);
                    parked += thread.getState() == Thread.State.WAITING ? 1 : 0;
                }
            }
            long before = cpuNanos(workers);
            Thread.sleep(POLL_MILLIS);
            if (workers.size() == threads + 1 && parked == threads && cpuNanos(workers) == before) {
                return workers;
            }
        }
    }

    private static long cpuNanos(List<Thread> threads) {
        ThreadMXBean bean = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (Thread thread : threads) {
            sum += bean.getThreadCpuTime(thread.threadId());
        }
        return sum;
    }

    /// Counts pages written.
    private final class Written implements Progress {
        @Override
        public void begin(Stage stage, long total) {
            written.set(0);
        }

        @Override
        public void advance(long amount) {
            written.addAndGet(amount);
        }

        @Override
        public void end(Stage stage) {}

        @Override
        public void warning(String message) {
            throw new AssertionError(message);
        }
    }
}
