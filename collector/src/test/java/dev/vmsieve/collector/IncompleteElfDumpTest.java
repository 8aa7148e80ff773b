// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static dev.vmsieve.collector.ElfDumps.PAGE;
import static dev.vmsieve.collector.ElfDumps.PFNS;
import static dev.vmsieve.collector.ElfDumps.collect;
import static dev.vmsieve.collector.ElfDumps.expected;
import static dev.vmsieve.collector.ElfDumps.filtered;
import static dev.vmsieve.collector.ElfDumps.flattened;
import static dev.vmsieve.collector.ElfDumps.vmcore;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.IncompleteDumpException.Reason;
import dev.vmsieve.collector.plan.Cancellation;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.ElfComparison;
import dev.vmsieve.fixtures.PlainElfReader;

/// ELF dumps that met with trouble, read back by the plain reader.
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class IncompleteElfDumpTest {
    @TempDir
    private Path folder;

    /// Marked, and just the first pages, so many of them.
    private static void assertIncomplete(Path file, int level, long pages) throws IOException {
        assertThat(ElfComparison.check(file)).isEmpty();
        try (PlainElfReader dump = new PlainElfReader(file)) {
            assertThat(dump.flags()).isEqualTo(1);
            assertThat(dump.vmcoreinfo()).isEqualTo(FakeVmcore.VMCOREINFO);
            long found = 0;
            boolean ended = false;
            PageBitmap dumpable = filtered(level).bitmaps().dumpable();
            for (long pfn = 0; pfn < PFNS; pfn++) {
                if (dump.stored(pfn)) {
                    found++;
                    assertThat(ended).as("pfn %d comes after the end", pfn).isFalse();
                    assertThat(dump.page(pfn)).as("page %d", pfn).isEqualTo(expected(pfn));
                } else if (dumpable.get(pfn)) {
                    ended = true;
                }
            }
            assertThat(found).isEqualTo(pages);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void leavesAUsableFileWhicheverWriteMeetsAFullDisk(int threads) throws IOException {
        FakeVmcore vmcore = vmcore();
        int failing = 0;
        boolean failed = true;
        while (failed) {
            for (boolean staysFull : new boolean[]{false, true}) {
                Path file = folder.resolve(threads + "-" + failing + "-" + staysFull);
                CollectPlan plan = CollectPlan.elf(file).withThreads(threads).withBatchPages(100);
                FailingOutput output = new FailingOutput(file, failing, "No space left on device", staysFull);
                try {
                    Collector.collect(plan, vmcore, filtered(0), identity(vmcore), Progress.NONE, output);
                    failed = false;
                } catch (IncompleteDumpException e) {
                    assertThat(e.reason()).isEqualTo(Reason.NO_SPACE);
                    if (Files.exists(file)) {
                        assertIncomplete(file, 0, e.pagesWritten());
                    } else {
                        assertThat(e).hasMessageEndingWith("no dump file is left");
                    }
                }
                assertThreadsEnded(vmcore);
            }
            failing++;
        }
        assertThat(failing).isGreaterThan(15);
    }

    @Test
    void endsAtTheSizeLimitWithAllPagesThatFit() throws IOException {
        FakeVmcore vmcore = vmcore();
        Path whole = folder.resolve("whole");
        long size = collect(vmcore, whole, 0, 1).fileBytes();
        for (long limit = 20_000; limit < size; limit += 1_000_003) {
            Path file = folder.resolve("limit" + limit);
            IncompleteDumpException e = limited(vmcore, file, limit, 1, 64);
            assertThat(Files.size(file)).isLessThanOrEqualTo(limit).isGreaterThan(limit - 2 * PAGE);
            assertIncomplete(file, 0, e.pagesWritten());
            Path other = folder.resolve("other" + limit);
            limited(vmcore, other, limit, 3, 7);
            assertThat(Files.mismatch(file, other)).as("limit %d with other threads and batches", limit).isEqualTo(-1);
        }
        Collector.collect(CollectPlan.elf(folder.resolve("fits")).withSizeLimit(size), vmcore, filtered(0),
                identity(vmcore), Progress.NONE);
        assertThat(folder.resolve("fits")).hasSameBinaryContentAs(whole);
        assertThat(limited(vmcore, folder.resolve("none"), 500, 1, 64)).hasMessageEndingWith("no dump file is left");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    private static IncompleteDumpException limited(FakeVmcore vmcore, Path file, long limit, int threads,
            int batchPages) {
        CollectPlan plan = CollectPlan.elf(file).withThreads(threads).withBatchPages(batchPages).withSizeLimit(limit);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.collect(plan, vmcore, filtered(0), identity(vmcore), Progress.NONE));
        assertThat(e.reason()).isEqualTo(Reason.SIZE_LIMIT);
        return e;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void endsWithAUsableFileOrNoneWhenCancelled(int level) throws IOException {
        Cancellation cancellation = new Cancellation();
        FakeVmcore vmcore = vmcore(pfn -> {
            if (pfn >= 2000) {
                cancellation.request();
            }
        });
        Path file = folder.resolve("dump");
        CollectPlan plan = CollectPlan.elf(file).withThreads(2).withBatchPages(8).withCancellation(cancellation);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.collect(plan, vmcore, filtered(level), identity(vmcore), Progress.NONE));
        assertThat(e.reason()).isEqualTo(Reason.CANCELLED);
        assertThat(e).hasMessageContaining("stopped on request");
        if (level == 0) {
            assertIncomplete(file, level, e.pagesWritten());
        } else {
            assertThat(e).hasMessageEndingWith("no dump file was made");
            assertThat(file).doesNotExist();
        }
        assertThreadsEnded(vmcore);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void endsAllThreadsWhenAReaderFails(int level) throws IOException {
        FakeVmcore vmcore = vmcore(pfn -> {
            if (pfn >= 2000) {
                throw new IOException("[fake] the input is gone");
            }
        });
        Path file = folder.resolve("dump");
        CollectPlan plan = CollectPlan.elf(file).withThreads(3).withBatchPages(8);
        assertThatThrownBy(
                () -> Collector.collect(plan, vmcore, filtered(level), identity(vmcore), Progress.NONE))
                .isInstanceOf(IOException.class).hasMessageContaining("[fake] the input is gone");
        assertThreadsEnded(vmcore);
        assertThat(Files.exists(file)).isEqualTo(level == 0);
    }

    @Test
    void marksADumpOfAnIncompleteInput() throws IOException {
        Path file = folder.resolve("dump");
        FakeVmcore vmcore = vmcore();
        vmcore.incomplete = true;
        collect(vmcore, file, 0, 2);
        assertFlags(file, 1);
        int flagsOfTheFirstRecord = PAGE + 16 + 48;
        assertThat(flattened(vmcore, 0, 2)[flagsOfTheFirstRecord]).isEqualTo((byte) 1);
        assertThat(flattened(vmcore(), 0, 2)[flagsOfTheFirstRecord]).isEqualTo((byte) 0);
    }

    @Test
    void marksADumpOfAnInputThatTurnsOutToBeIncomplete() throws IOException {
        Path file = folder.resolve("dump");
        AtomicReference<FakeVmcore> input = new AtomicReference<>();
        FakeVmcore vmcore = vmcore(pfn -> input.get().incomplete |= pfn > 2000);
        input.set(vmcore);
        collect(vmcore, file, 0, 1);
        assertFlags(file, 1);
    }

    private static void assertFlags(Path file, int flags) throws IOException {
        assertThat(ElfComparison.check(file)).isEmpty();
        try (PlainElfReader dump = new PlainElfReader(file)) {
            assertThat(dump.flags()).isEqualTo(flags);
        }
    }

    @Test
    void isMarkedIncompleteWhileItIsWritten() throws IOException {
        Path file = folder.resolve("dump");
        Path copy = folder.resolve("copy");
        Progress copyInTheMiddle = new CopyInTheMiddle(file, copy, 96);
        FakeVmcore vmcore = vmcore();
        Collector.collect(CollectPlan.elf(file).withBatchPages(8), vmcore, filtered(0), identity(vmcore),
                copyInTheMiddle);
        try (PlainElfReader dump = new PlainElfReader(copy); PlainElfReader whole = new PlainElfReader(file)) {
            assertThat(dump.flags()).isEqualTo(1);
            assertThat(whole.flags()).isZero();
            assertThat(dump.page(250)).isEqualTo(FakeVmcore.page(250));
            // That is what SIGKILL leaves: headers that name all pages, of which readers find those that are there.
            assertThat(dump.headers()).isEqualTo(whole.headers());
            long pfn = 200;
            while (isThere(dump, pfn)) {
                assertThat(dump.page(pfn)).as("pfn %d", pfn).isEqualTo(FakeVmcore.page(pfn));
                pfn++;
            }
            assertThat(pfn).isGreaterThan(250);
            assertThat(isThere(whole, pfn)).isTrue();
        }
    }

    /// False behind the file's end.
    private static boolean isThere(PlainElfReader dump, long pfn) throws IOException {
        try {
            return dump.page(pfn).length > 0;
        } catch (EOFException e) {
            return false;
        }
    }
}
