// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.IncompleteDumpException.Reason;
import dev.vmsieve.collector.output.FileOutput;
import dev.vmsieve.collector.plan.Cancellation;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.collector.rework.ReassemblePlan;
import dev.vmsieve.collector.rework.Reassembler;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// Split dumps: sound parts that join to the dump that was not split, and what is left of a set that met with trouble.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SplitDumpTest {
    private static final int PFNS = 1000;
    private static final long BLOCK = 64 * FakeVmcore.PAGE_BYTES;
    private static final String FULL = "No space left on device";

    @TempDir
    Path folder;

    private static CollectPlan plan(Compression compression) {
        return CollectPlan.of(Path.of("untouched"), compression).withBatchPages(16);
    }

    private SplitPlan parts(int number) {
        return parts("part", number);
    }

    private SplitPlan parts(String name, int number) {
        List<Path> files = new ArrayList<>();
        for (int i = 1; i <= number; i++) {
            files.add(folder.resolve(name + i));
        }
        return new SplitPlan(files, BLOCK, true);
    }

    private static CollectReport split(CollectPlan plan, SplitPlan split, FakeVmcore vmcore, FilterResult filtered)
            throws IOException {
        return Collector.split(plan, split, vmcore, filtered, identity(vmcore), Progress.NONE);
    }

    private Path whole(Compression compression, FakeVmcore vmcore, FilterResult filtered) throws IOException {
        Path file = folder.resolve("whole");
        Collector.collect(CollectPlan.of(file, compression).withOverwrite(true), vmcore, filtered, identity(vmcore),
                Progress.NONE);
        return file;
    }

    private Path joined(List<Path> files) throws IOException {
        Path file = folder.resolve("joined");
        Files.deleteIfExists(file);
        Reassembler.reassemble(ReassemblePlan.of(files, file), Progress.NONE);
        return file;
    }

    /// Pages that are in the set, each checked against the vmcore.
    private static long assertParts(SplitPlan split, FilterResult filtered, boolean incomplete) throws IOException {
        long end = 0;
        long pages = 0;
        byte[] main = {};
        for (Path file : split.files()) {
            try (PlainKdumpReader part = new PlainKdumpReader(file)) {
                assertThat(part.check()).as("%s", file).isEmpty();
                assertThat((part.status() & PlainKdumpReader.INCOMPLETE) != 0).isEqualTo(incomplete);
                assertThat(part.split()).isEqualTo(1);
                assertThat(part.startPfn()).isEqualTo(end);
                assertThat(main.length == 0 || Arrays.equals(main, part.mainHeaderBytes())).isTrue();
                main = part.mainHeaderBytes();
                end = part.endPfn();
                pages += assertPages(part, filtered);
            }
        }
        assertThat(end).isEqualTo(PFNS);
        return pages;
    }

    private static long assertPages(PlainKdumpReader part, FilterResult filtered) throws IOException {
        long pages = 0;
        for (long pfn = 0; pfn < PFNS; pfn++) {
            assertThat(part.dumped(pfn)).isEqualTo(filtered.bitmaps().dumpable().get(pfn));
            assertThat(part.exists(pfn)).isEqualTo(filtered.bitmaps().existing().get(pfn));
            boolean own = part.dumped(pfn) && pfn >= part.startPfn() && pfn < part.endPfn();
            if (own && part.descriptor(pfn).offset() != 0) {
                assertThat(part.page(pfn)).as("page of pfn %d", pfn).isEqualTo(FakeVmcore.page(pfn));
                pages++;
            }
        }
        return pages;
    }

    @ParameterizedTest
    @EnumSource
    void joinsToTheDumpThatWasNotSplit(Compression compression) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(31);
        SplitPlan split = parts(3);
        CollectReport report = split(plan(compression).withThreads(2), split, vmcore, filtered);

        assertThat(assertParts(split, filtered, false)).isEqualTo(report.pages())
                .isEqualTo(filtered.bitmaps().dumpable().cardinality());
        assertThreadsEnded(vmcore);
        assertThat(joined(split.files())).hasSameBinaryContentAs(whole(compression, vmcore, filtered));
        long bytes = 0;
        for (Path file : split.files()) {
            bytes += Files.size(file);
        }
        assertThat(report.fileBytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"LITTLE_ENDIAN", "BIG_ENDIAN"})
    void writesItsRangeInBothWidths(String order) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS, order.startsWith("L")
                ? ByteOrder.LITTLE_ENDIAN
                : ByteOrder.BIG_ENDIAN, pfn -> {});
        SplitPlan split = parts(2);
        split(plan(Compression.LZO), split, vmcore, vmcore.filtered(1));
        try (PlainKdumpReader part = new PlainKdumpReader(split.files().getLast())) {
            ByteBuffer sub = ByteBuffer.wrap(part.subHeaderBytes()).order(part.order());
            assertThat(sub.getLong(16)).isEqualTo(part.startPfn()).isPositive();
            assertThat(sub.getLong(24)).isEqualTo(part.endPfn()).isEqualTo(PFNS);
            assertThat(part.notes()).isEqualTo(vmcore.notes().array());
            assertThat(part.dumpLevel()).isEqualTo(1);
        }
    }

    @Test
    void takesMorePartsThanThereIsMemoryFor() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(1);
        SplitPlan split = new SplitPlan(parts(5).files(), 512 * FakeVmcore.PAGE_BYTES, true);
        CollectReport report = split(plan(Compression.SNAPPY), split, vmcore, filtered);
        assertThat(assertParts(split, filtered, false)).isEqualTo(report.pages());
        assertThat(joined(split.files())).hasSameBinaryContentAs(whole(Compression.SNAPPY, vmcore, filtered));
    }

    @Test
    void splitsADumpWithoutPages() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        PageBitmap none = new PageBitmap(PFNS);
        FilterResult filtered = FakeVmcore.result(new DumpBitmaps(none, none, none), 31);
        SplitPlan split = parts(3);
        assertThat(split(plan(Compression.ZLIB), split, vmcore, filtered).pages()).isZero();
        assertThat(assertParts(split, filtered, false)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"NONE, 0", "LZO, 31", "ZSTD, 1"})
    void writesTheSameBytesForEveryNumberOfThreadsAndPagesABatch(Compression compression, int level)
            throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(level);
        SplitPlan first = parts("first", 3);
        split(plan(compression), first, vmcore, filtered);
        SplitPlan other = parts("other", 3);
        for (int threads : new int[]{2, 3, 7}) {
            for (int batchPages : new int[]{1, 63, 1024}) {
                split(plan(compression).withThreads(threads).withBatchPages(batchPages).withOverwrite(true), other,
                        vmcore, filtered);
                for (int i = 0; i < 3; i++) {
                    assertThat(Files.mismatch(first.files().get(i), other.files().get(i)))
                            .as("part %d, threads %d, batchPages %d", i, threads, batchPages).isEqualTo(-1);
                }
            }
        }
        assertThreadsEnded(vmcore);
    }

    @Test
    void dryRunReportsWhatTheRealRunDoes() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(1);
        SplitPlan split = parts(3);
        CollectReport dry = split(plan(Compression.LZO).withDryRun(true), split, vmcore, filtered);
        assertThat(folder).isEmptyDirectory();
        CollectReport real = split(plan(Compression.LZO), split, vmcore, filtered);
        assertThat(dry).usingRecursiveComparison().ignoringFields("nanos", "times").isEqualTo(real);
    }

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

    @Test
    void leavesNothingWhereAPartExistsAlready() throws IOException {
        SplitPlan split = parts(3);
        Files.writeString(split.files().get(1), "precious");
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        assertThatThrownBy(() -> split(plan(Compression.LZO), split, vmcore, vmcore.filtered(1)))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(folder).isDirectoryNotContaining(file -> !file.endsWith("part2"));
        assertThat(split.files().get(1)).hasContent("precious");
    }

    @Test
    void refusesTwoPartsInOneFile() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        Path one = folder.resolve("one");
        Path again = folder.resolve("sub/../one");
        assertThatThrownBy(() -> split(plan(Compression.LZO), SplitPlan.of(List.of(one, again)), vmcore,
                vmcore.filtered(1))).hasMessageStartingWith("[" + again + "] is the same file as " + one);
        Files.createFile(one);
        Path link = Files.createLink(folder.resolve("link"), one);
        assertThatThrownBy(() -> split(plan(Compression.LZO).withOverwrite(true), SplitPlan.of(List.of(one, link)),
                vmcore, vmcore.filtered(1))).hasMessageStartingWith("[" + link + "] is the same file as " + one);
        assertThat(one).isEmptyFile();
    }

    /// By links of directories, and where a link's target is made with the first part.
    @Test
    void refusesTwoPartsInOneFileThatIsNotThereYet() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        Path directory = Files.createDirectory(folder.resolve("directory"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), directory);
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), directory.resolve("part"));
        List<Path> names = List.of(directory.resolve("part"), link.resolve("part"), dangling);
        for (Path one : names) {
            for (Path other : names) {
                assertThatThrownBy(() -> split(plan(Compression.LZO).withOverwrite(true),
                        SplitPlan.of(List.of(one, other)), vmcore, vmcore.filtered(1)))
                        .hasMessageStartingWith("[" + other + "] is the same file as " + one);
                assertThat(directory).isEmptyDirectory();
                assertThat(dangling).isSymbolicLink();
            }
        }
    }

    @Test
    void refusesTheInputAsAPart() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        Path input = Files.writeString(folder.resolve("input"), "precious");
        vmcore.name = input.toString();
        assertThatThrownBy(() -> split(plan(Compression.LZO).withOverwrite(true),
                SplitPlan.of(List.of(folder.resolve("one"), input)), vmcore, vmcore.filtered(1)))
                .hasMessage("[" + input + "] is the input and cannot be the output too");
        assertThat(input).hasContent("precious");
        assertThat(folder.resolve("one")).doesNotExist();
    }
}
