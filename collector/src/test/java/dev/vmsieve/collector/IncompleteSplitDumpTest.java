// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.IncompleteDumpException.Reason;
import dev.vmsieve.collector.output.FileOutput;
import dev.vmsieve.collector.plan.Cancellation;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// What is left of a split dump that met with trouble.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class IncompleteSplitDumpTest extends SplitDumps {
    private static final String FULL = "No space left on device";

    private IncompleteDumpException failing(SplitPlan split, String failingPart, int failingWrite,
            FilterResult filtered,
            FakeVmcore vmcore) {
        return catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.split(plan(Compression.LZO).withThreads(2), split, vmcore, filtered, identity(vmcore),
                        Progress.NONE,
                        file -> file.endsWith(failingPart)
                                ? new FailingOutput(file, failingWrite, FULL, true)
                                : FileOutput.create(file, false)));
    }

    /// The first writes are headers: such a part has no use.
    @ParameterizedTest
    @ValueSource(ints = {0, 3, 6, 9, 14})
    void fillsTheOtherPartsWhereOneDiskIsFull(int write) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(31);
        SplitPlan split = parts(3);
        Path second = split.files().get(1);
        IncompleteDumpException e = failing(split, "part2", write, filtered, vmcore);
        assertThat(e.reason()).isEqualTo(Reason.NO_SPACE);
        String left = Files.exists(second)
                ? "all 3 parts are marked incomplete"
                : "2 of 3 parts are left, marked "
                        + "incomplete";
        assertThat(e).hasMessage("[" + second + "] " + FULL + ": " + e.pagesWritten() + " of " + e.pagesTotal()
                + " pages were written; " + left);
        long others = 0;
        for (Path file : split.files()) {
            if (Files.exists(file)) {
                try (PlainKdumpReader part = new PlainKdumpReader(file)) {
                    assertThat(part.check()).isEmpty();
                    assertThat(part.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
                    long pages = assertPages(part, filtered);
                    long all = filtered.bitmaps().dumpable().cardinality(part.startPfn(), part.endPfn());
                    assertThat(pages < all).as("%s has %d of %d pages", file, pages, all)
                            .isEqualTo(file.equals(second));
                    others += pages;
                }
            }
        }
        assertThat(others).isEqualTo(e.pagesWritten());
        assertThreadsEnded(vmcore);
    }

    @Test
    void stopsAtTheFirstFullDiskWhereAnotherLevelIsTried() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(31);
        SplitPlan split = new SplitPlan(parts(3).files(), BLOCK, false);
        failing(split, "part2", 12, filtered, vmcore);
        try (PlainKdumpReader part = new PlainKdumpReader(split.files().getLast())) {
            assertThat(part.check()).isEmpty();
            assertThat(part.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
            assertThat(assertPages(part, filtered)).isZero();
        }
    }

    @Test
    void leavesNothingWhereTheFirstHeaderMeetsAFullDiskAndAnotherLevelIsTried() {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        SplitPlan split = new SplitPlan(parts(3).files(), BLOCK, false);
        IncompleteDumpException e = failing(split, "part2", 1, vmcore.filtered(31), vmcore);
        assertThat(e).hasMessageEndingWith("no dump file is left");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void limitsTheSizeOfEachPart() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(1);
        SplitPlan whole = parts("fits", 3);
        split(plan(Compression.LZO), whole, vmcore, filtered);
        long most = 0;
        for (Path file : whole.files()) {
            most = Math.max(most, Files.size(file));
        }
        split(plan(Compression.LZO).withSizeLimit(most).withOverwrite(true), whole, vmcore, filtered);
        assertThat(assertParts(whole, filtered, false)).isPositive();

        SplitPlan split = parts(3);
        long limit = most / 2;
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> split(plan(Compression.LZO).withThreads(2).withSizeLimit(limit), split, vmcore, filtered));
        assertThat(e.reason()).isEqualTo(Reason.SIZE_LIMIT);
        assertThat(e).hasMessageStartingWith("[" + split.files().getFirst() + "] the size limit of " + limit)
                .hasMessageEndingWith("all 3 parts are marked incomplete");
        assertThat(assertParts(split, filtered, true)).isEqualTo(e.pagesWritten()).isPositive();
        for (Path file : split.files()) {
            assertThat(Files.size(file)).isLessThanOrEqualTo(limit).isGreaterThan(limit - 4096);
        }
    }

    @Test
    void leavesNothingWhereTheLimitHasNoRoomForTheHeaders() {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        SplitPlan split = parts(2);
        assertThatThrownBy(() -> split(plan(Compression.LZO).withSizeLimit(5000), split, vmcore, vmcore.filtered(1)))
                .isInstanceOf(IncompleteDumpException.class).hasMessageStartingWith("[" + split.files().getFirst())
                .hasMessageEndingWith("no dump file is left");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void leavesPartsAloneWhereTheLimitHasNoRoomForTheHeaders() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        SplitPlan split = parts(2);
        Files.writeString(split.files().getLast(), "precious");
        assertThatThrownBy(() -> split(plan(Compression.LZO).withSizeLimit(5000).withOverwrite(true), split, vmcore,
                vmcore.filtered(1))).isInstanceOf(IncompleteDumpException.class).hasMessageEndingWith(
                        "; no dump file is left; [" + split.files().getLast() + "] what was there is as it was");
        assertThat(split.files().getFirst()).doesNotExist();
        assertThat(split.files().getLast()).hasContent("precious");
    }

    /// A part without its headers is emptied where it is not ours to be removed.
    @Test
    void saysWhichPartIsLeftEmpty() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        SplitPlan split = parts(2);
        Path second = Files.writeString(split.files().getLast(), "precious");
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.split(plan(Compression.LZO), split, vmcore, vmcore.filtered(1), identity(vmcore),
                        Progress.NONE, file -> file.equals(second)
                                ? new FailingOutput(file, true, 1, FULL, true)
                                : FileOutput.create(file, false)));
        assertThat(e).hasMessageEndingWith("1 of 2 parts are left, marked incomplete; [" + second
                + "] the dump file is left empty");
        assertThat(second).isEmptyFile();
    }

    @Test
    void marksAllPartsWhenItIsStopped() throws IOException {
        Cancellation cancellation = new Cancellation();
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> {
            if (pfn > PFNS / 2) {
                cancellation.request();
            }
        });
        FilterResult filtered = vmcore.filtered(1);
        SplitPlan split = parts(3);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> split(plan(Compression.ZSTD).withThreads(2).withCancellation(cancellation), split, vmcore,
                        filtered));
        assertThat(e.reason()).isEqualTo(Reason.CANCELLED);
        assertThat(e).hasMessageContaining("stopped on request")
                .hasMessageEndingWith("all 3 parts are marked incomplete");
        assertThat(assertParts(split, filtered, true)).isEqualTo(e.pagesWritten()).isPositive()
                .isLessThan(e.pagesTotal());
        assertThreadsEnded(vmcore);
    }

    /// The interrupt comes while the first part is written, at its last page or before.
    @ParameterizedTest
    @ValueSource(ints = {0, 63})
    void putsAllPartsInOrderWhenItsThreadIsInterrupted(int at) throws IOException {
        Cancellation cancellation = new Cancellation();
        Thread caller = Thread.currentThread();
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> {
            if (pfn >= at && !cancellation.requested()) {
                caller.interrupt();
                while (!cancellation.requested()) {
                    Thread.onSpinWait();
                }
            }
        });
        FilterResult filtered = vmcore.filtered(1);
        SplitPlan split = parts(3);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> split(plan(Compression.LZO).withCancellation(cancellation), split, vmcore, filtered));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(e.reason()).isEqualTo(Reason.CANCELLED);
        assertThat(e).hasMessageEndingWith("all 3 parts are marked incomplete");
        assertThat(assertParts(split, filtered, true)).isEqualTo(e.pagesWritten()).isPositive();
    }

    /// What a kill leaves.
    @Test
    void isMarkedInAllPartsWhileItIsWritten() throws IOException {
        SplitPlan split = parts(3);
        List<Integer> marks = new ArrayList<>();
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> {
            for (Path file : split.files()) {
                try (PlainKdumpReader part = new PlainKdumpReader(file)) {
                    marks.add(part.status() & PlainKdumpReader.INCOMPLETE);
                }
            }
        });
        split(plan(Compression.LZO), split, vmcore, vmcore.filtered(1));
        assertThat(marks).hasSizeGreaterThan(30).containsOnly(PlainKdumpReader.INCOMPLETE);
    }
}
