// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertComplete;
import static dev.vmsieve.collector.DumpChecks.assertIncomplete;
import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.IncompleteDumpException.Reason;
import dev.vmsieve.collector.plan.Cancellation;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.KernelSegment;

/// Whatever ends a dump early: what was written stays usable and is marked, no thread is left, nothing hangs.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class IncompleteDumpTest {
    private static final int PFNS = 400;
    private static final String FULL = "No space left on device";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void leavesAUsableFileWhicheverWriteMeetsAFullDisk(int threads) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(31);
        int failing = 0;
        boolean failed = true;
        while (failed) {
            for (boolean staysFull : new boolean[]{false, true}) {
                Path file = folder.resolve(threads + "-" + failing + "-" + staysFull);
                failed = failAt(vmcore, filtered, file, threads, failing, staysFull);
            }
            failing++;
        }
        assertThat(failing).isGreaterThan(30);
    }

    private static boolean failAt(FakeVmcore vmcore, FilterResult filtered, Path file, int threads, int write,
            boolean staysFull) throws IOException {
        CollectPlan plan = CollectPlan.of(file, Compression.LZO).withThreads(threads).withBatchPages(16);
        FailingOutput output = new FailingOutput(file, write, FULL, staysFull);
        try {
            Collector.collect(plan, vmcore, filtered, identity(vmcore), Progress.NONE, output);
            assertComplete(file, filtered);
            assertThat(output.writes()).isLessThanOrEqualTo(write);
            return false;
        } catch (IncompleteDumpException e) {
            assertThat(e.reason()).isEqualTo(Reason.NO_SPACE);
            assertThat(e).hasMessageStartingWith("[" + file + "] " + FULL + ": " + e.pagesWritten() + " of "
                    + e.pagesTotal() + " pages were written; ");
            assertThat(e.pagesTotal()).isEqualTo(filtered.bitmaps().dumpable().cardinality());
            if (Files.exists(file)) {
                assertIncomplete(file, filtered, e.pagesWritten());
            } else {
                assertThat(e).hasMessageEndingWith("no dump file is left");
                assertThat(e.pagesWritten()).isZero();
            }
        }
        assertThreadsEnded(vmcore);
        return true;
    }

    @Test
    void marksTheFileAtAnyOtherWriteErrorToo() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(31);
        Path file = folder.resolve("dump");
        FailingOutput output = new FailingOutput(file, 12, "File too large", false);
        CollectPlan plan = CollectPlan.of(file, Compression.ZLIB).withBatchPages(16);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.collect(plan, vmcore, filtered, identity(vmcore), Progress.NONE, output));
        assertThat(e.reason()).isEqualTo(Reason.FAILED);
        assertThat(e.pagesWritten()).isPositive();
        assertIncomplete(file, filtered, e.pagesWritten());
    }

    @Test
    void endsAtTheSizeLimitWithAllPagesThatFit() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(1);
        Path whole = folder.resolve("whole");
        CollectReport report = Collector.collect(CollectPlan.of(whole, Compression.LZO), vmcore, filtered,
                identity(vmcore), Progress.NONE);
        long size = report.fileBytes();
        long before = -1;
        for (long limit = 30_000; limit < size; limit += 9_973) {
            Path file = folder.resolve("limit" + limit);
            IncompleteDumpException e = limited(vmcore, filtered, file, limit, 1, 64);
            assertThat(Files.size(file)).isLessThanOrEqualTo(limit).isGreaterThan(limit - 4096);
            assertIncomplete(file, filtered, e.pagesWritten());
            assertThat(e.pagesWritten()).isGreaterThan(before);
            before = e.pagesWritten();
            Path other = folder.resolve("other" + limit);
            limited(vmcore, filtered, other, limit, 3, 7);
            assertThat(Files.mismatch(file, other)).as("limit %d with other threads and batches", limit)
                    .isEqualTo(-1);
        }
        Collector.collect(CollectPlan.of(folder.resolve("fits"), Compression.LZO).withSizeLimit(size), vmcore,
                filtered, identity(vmcore), Progress.NONE);
        assertComplete(folder.resolve("fits"), filtered);
    }

    private static IncompleteDumpException limited(FakeVmcore vmcore, FilterResult filtered, Path file, long limit,
            int threads, int batchPages) {
        CollectPlan plan = CollectPlan.of(file, Compression.LZO).withThreads(threads).withBatchPages(batchPages)
                .withSizeLimit(limit);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.collect(plan, vmcore, filtered, identity(vmcore), Progress.NONE));
        assertThat(e.reason()).isEqualTo(Reason.SIZE_LIMIT);
        assertThat(e).hasMessageContaining("size limit of " + limit + " bytes");
        assertThreadsEnded(vmcore);
        return e;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 464, 4096, 17_000})
    void leavesNoStubWhereTheLimitHasNoRoomForTheHeaders(long limit) {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        Path file = folder.resolve("dump");
        IncompleteDumpException e = limited(vmcore, vmcore.filtered(1), file, limit, 1, 64);
        assertThat(e.pagesWritten()).isZero();
        assertThat(e).hasMessageContaining("has no room for the headers").hasMessageEndingWith("no dump file is left");
        assertThat(file).doesNotExist();
    }

    @Test
    void leavesAnExistingFileAloneWhereTheLimitHasNoRoomForTheHeaders() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        vmcore.segments = List.of(new KernelSegment(0, 0, (long) PFNS * FakeVmcore.PAGE_BYTES));
        Path file = Files.writeString(folder.resolve("dump"), "precious");
        for (CollectPlan plan : List.of(CollectPlan.of(file, Compression.LZO), CollectPlan.elf(file))) {
            IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                    () -> Collector.collect(plan.withOverwrite(true).withSizeLimit(500), vmcore, vmcore.filtered(1),
                            identity(vmcore), Progress.NONE));
            assertThat(e.reason()).isEqualTo(Reason.SIZE_LIMIT);
            assertThat(e).hasMessageEndingWith("; what was there is as it was");
            assertThat(file).hasContent("precious");
        }
    }

    private String leftOf(FailingOutput output) {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.collect(CollectPlan.of(folder.resolve("dump"), Compression.LZO), vmcore,
                        vmcore.filtered(1), identity(vmcore), Progress.NONE, output));
        assertThat(e.reason()).isEqualTo(Reason.NO_SPACE);
        String message = String.valueOf(e.getMessage());
        return message.substring(message.lastIndexOf("; ") + 2);
    }

    /// The file is not ours to be removed, but what it holds is no dump.
    @Test
    void emptiesAFileThatGotNoHeaders() throws IOException {
        Path file = Files.writeString(folder.resolve("dump"), "old");
        assertThat(leftOf(new FailingOutput(file, true, 1, FULL, true))).isEqualTo("the dump file is left empty");
        assertThat(file).isEmptyFile();
    }

    @Test
    void removesWhatALinkMadeAndNotTheLink() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("dump"), folder.resolve("target"));
        assertThat(leftOf(new FailingOutput(link, true, 1, FULL, true))).isEqualTo("no dump file is left");
        assertThat(link).isSymbolicLink();
        assertThat(folder.resolve("target")).doesNotExist();
    }

    @Test
    void saysSoWhereTheFileCannotBeRemoved() throws IOException {
        Path file = folder.resolve("dump");
        FailingOutput output = new FailingOutput(file, false, 1, FULL, true);
        Files.delete(file);
        Files.createDirectories(file.resolve("full"));
        assertThat(leftOf(output)).isEqualTo("the dump file has no use and could not be removed (" + file + ")");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void writesWhatIsAtHandWhenCancelled(int threads) throws IOException {
        Cancellation cancellation = new Cancellation();
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> {
            if (pfn >= 200) {
                cancellation.request();
            }
        });
        FilterResult filtered = vmcore.filtered(1);
        Path file = folder.resolve("dump");
        CollectPlan plan = CollectPlan.of(file, Compression.ZSTD).withThreads(threads).withBatchPages(8)
                .withCancellation(cancellation);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.collect(plan, vmcore, filtered, identity(vmcore), Progress.NONE));
        assertThat(e.reason()).isEqualTo(Reason.CANCELLED);
        assertThat(e).hasNoCause().hasMessageContaining("stopped on request");
        assertThat(e.pagesWritten()).isGreaterThan(80).isLessThan(e.pagesTotal());
        assertIncomplete(file, filtered, e.pagesWritten());
        assertThreadsEnded(vmcore);
    }

    @Test
    void takesAnInterruptForARequestToEndEarly() throws InterruptedException, IOException {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> {
            reading.countDown();
            await(interrupted);
        });
        FilterResult filtered = vmcore.filtered(1);
        Path file = folder.resolve("dump");
        Cancellation cancellation = new Cancellation();
        CollectPlan plan = CollectPlan.of(file, Compression.ZSTD).withThreads(2).withBatchPages(8)
                .withCancellation(cancellation);
        AtomicReference<IncompleteDumpException> thrown = new AtomicReference<>();
        AtomicInteger flag = new AtomicInteger();
        Thread caller = new Thread(() -> {
            thrown.set(catchThrowableOfType(IncompleteDumpException.class,
                    () -> Collector.collect(plan, vmcore, filtered, identity(vmcore), Progress.NONE)));
            flag.set(Thread.currentThread().isInterrupted() ? 1 : 0);
        });
        caller.start();
        reading.await();
        caller.interrupt();
        while (!cancellation.requested()) {
            Thread.sleep(Duration.ofMillis(1));
        }
        interrupted.countDown();
        caller.join();
        assertThat(thrown.get().reason()).isEqualTo(Reason.CANCELLED);
        assertThat(thrown.get()).hasMessageEndingWith("; the dump file is marked incomplete");
        assertThat(flag).hasValue(1);
        assertIncomplete(file, filtered, thrown.get().pagesWritten());
        assertThreadsEnded(vmcore);
    }

    @Test
    void finishesADumpWhoseThreadIsInterruptedAtItsLastPages() throws IOException {
        Cancellation cancellation = new Cancellation();
        Thread caller = Thread.currentThread();
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> {
            caller.interrupt();
            while (!cancellation.requested()) {
                Thread.onSpinWait();
            }
        });
        FilterResult filtered = vmcore.filtered(1);
        Path file = folder.resolve("dump");
        CollectPlan plan = CollectPlan.of(file, Compression.LZO).withBatchPages(PFNS).withCancellation(cancellation);
        CollectReport report = Collector.collect(plan, vmcore, filtered, identity(vmcore), Progress.NONE);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.pages()).isEqualTo(filtered.bitmaps().dumpable().cardinality());
        assertComplete(file, filtered);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("a worker must not be interrupted", e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void endsAllThreadsWhenAReaderFails(int threads) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> {
            if (pfn >= 200) {
                throw new IOException("[fake] the input is gone");
            }
        });
        FilterResult filtered = vmcore.filtered(1);
        IncompleteDumpException e = failing(vmcore, filtered, threads);
        assertThat(e.reason()).isEqualTo(Reason.FAILED);
        assertThat(e).hasMessageContaining("[fake] the input is gone: ").hasCauseInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void endsAllThreadsAtAMistakeOfOurOwn(int threads) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> {
            if (pfn >= 200) {
                throw new IllegalStateException("a bug");
            }
        });
        FilterResult filtered = vmcore.filtered(1);
        IncompleteDumpException e = failing(vmcore, filtered, threads);
        assertThat(e).hasCauseInstanceOf(IllegalStateException.class);
    }

    private IncompleteDumpException failing(FakeVmcore vmcore, FilterResult filtered, int threads)
            throws IOException {
        Path file = folder.resolve("dump");
        CollectPlan plan = CollectPlan.of(file, Compression.LZO).withThreads(threads).withBatchPages(8);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.collect(plan, vmcore, filtered, identity(vmcore), Progress.NONE));
        assertIncomplete(file, filtered, e.pagesWritten());
        assertThreadsEnded(vmcore);
        return e;
    }

    /// What a kill leaves: the file as it is while pages are being written.
    @Test
    void isMarkedIncompleteWhileItIsWritten() throws IOException {
        Path file = folder.resolve("dump");
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(1);
        Path copy = folder.resolve("copy");
        Progress copyInTheMiddle = new CopyInTheMiddle(file, copy, 96);
        CollectPlan plan = CollectPlan.of(file, Compression.LZO).withBatchPages(8);
        Collector.collect(plan, vmcore, filtered, identity(vmcore), copyInTheMiddle);
        assertIncomplete(copy, filtered, 96);
        assertComplete(file, filtered);
    }
}
