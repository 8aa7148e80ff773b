// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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

/// Split dumps: sound parts that join to the dump that was not split.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SplitDumpTest extends SplitDumps {
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
