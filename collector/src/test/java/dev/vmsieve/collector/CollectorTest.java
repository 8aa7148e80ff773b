// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertComplete;
import static dev.vmsieve.collector.DumpChecks.assertIncomplete;
import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.filter.progress.WorkTimes;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// Whole dumps, read back by the plain reader.
class CollectorTest {
    private static final int PFNS = 3000;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void keepsEveryPageWithEachCompression(Compression compression) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(31);
        Path file = folder.resolve("dump");
        CollectReport report = Collector.collect(CollectPlan.of(file, compression).withThreads(2), vmcore, filtered,
                identity(vmcore), Progress.NONE);

        assertComplete(file, filtered);
        assertThreadsEnded(vmcore);
        assertThat(report.pages()).isEqualTo(filtered.bitmaps().dumpable().cardinality());
        assertThat(report.zeroPages()).isEqualTo(count(filtered, PagePattern.ZERO));
        assertThat(report.sharedPages()).isEqualTo(report.zeroPages());
        assertThat(report.rawPages()).isEqualTo(compression == Compression.NONE
                ? report.pages() - report.zeroPages()
                : count(filtered, PagePattern.NOISE));
        assertThat(report.fileBytes()).isEqualTo(Files.size(file));
    }

    private static long count(FilterResult filtered, PagePattern pattern) {
        PageBitmap dumpable = filtered.bitmaps().dumpable();
        long count = 0;
        for (long pfn = dumpable.nextSet(0); pfn < dumpable.size(); pfn = dumpable.nextSet(pfn + 1)) {
            count += FakeVmcore.pattern(pfn) == pattern ? 1 : 0;
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(strings = {"LITTLE_ENDIAN", "BIG_ENDIAN"})
    void writesEveryHeaderField(String order) throws IOException {
        ByteOrder byteOrder = order.startsWith("L") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        FakeVmcore vmcore = new FakeVmcore(40000, byteOrder, pfn -> {});
        byte[] utsname = new byte[DumpIdentity.UTSNAME_BYTES];
        for (int i = 0; i < 6; i++) {
            byte[] text = ("string" + i).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(text, 0, utsname, i * DumpIdentity.UTSNAME_FIELD_BYTES, text.length);
        }
        DumpIdentity identity = new DumpIdentity(utsname, -585105408L, 1_700_000_000L, 2, new byte[0]);
        Path file = folder.resolve("dump");
        Collector.collect(CollectPlan.of(file, Compression.LZO), vmcore, vmcore.filtered(17), identity,
                Progress.NONE);

        try (PlainKdumpReader dump = new PlainKdumpReader(file)) {
            assertThat(dump.order()).isEqualTo(byteOrder);
            assertThat(dump.headerVersion()).isEqualTo(6);
            assertThat(dump.utsname()).isEqualTo(utsname);
            assertThat(dump.utsname(4)).isEqualTo("string4");
            assertThat(dump.timestampSeconds()).isEqualTo(1_700_000_000L);
            assertThat(dump.timestampMicros()).isZero();
            assertThat(dump.status()).isEqualTo(2);
            assertThat(dump.blockSize()).isEqualTo(4096);
            assertThat(dump.subHeaderBlocks()).isEqualTo(1);
            assertThat(dump.bitmapBlocks()).isEqualTo(4);
            assertThat(dump.maxMapnr32()).isEqualTo(40000);
            assertThat(dump.maxMapnr()).isEqualTo(40000);
            assertThat(Arrays.copyOfRange(dump.mainHeaderBytes(), 444, 460)).containsOnly(0);
            assertThat(dump.nrCpus()).isEqualTo(2);
            assertThat(dump.physBase()).isEqualTo(-585105408L);
            assertThat(dump.dumpLevel()).isEqualTo(17);
            assertThat(dump.split()).isZero();
            assertThat(dump.startPfn()).isZero();
            assertThat(dump.endPfn()).isZero();
            assertThat(dump.offsetNote()).isEqualTo(4096 + 104);
            assertThat(dump.notes()).isEqualTo(vmcore.notes().array());
            assertThat(dump.vmcoreinfo()).isEqualTo(FakeVmcore.VMCOREINFO);
            assertThat(dump.offsetEraseinfo()).isZero();
            assertThat(dump.sizeEraseinfo()).isZero();
            assertThat(dump.check()).isEmpty();
        }
    }

    @Test
    void addsANoteForVmcoreinfoThatTheNotesLack() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(64);
        vmcore.withNotes = false;
        DumpIdentity identity = new DumpIdentity(new byte[DumpIdentity.UTSNAME_BYTES], 0, 0, 1,
                FakeVmcore.VMCOREINFO.getBytes(StandardCharsets.US_ASCII));
        Path file = folder.resolve("dump");
        Collector.collect(CollectPlan.of(file, Compression.NONE), vmcore, vmcore.filtered(0), identity, Progress.NONE);
        try (PlainKdumpReader dump = new PlainKdumpReader(file)) {
            assertThat(dump.check()).isEmpty();
            assertThat(dump.vmcoreinfo()).isEqualTo(FakeVmcore.VMCOREINFO);
        }
    }

    @Test
    void tellsTheMachineOfAVmcoreWithoutKernel() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(64);
        DumpIdentity identity = identity(vmcore);
        Path file = folder.resolve("dump");
        Collector.collect(CollectPlan.of(file, Compression.NONE), vmcore, vmcore.filtered(0), identity, Progress.NONE);
        try (PlainKdumpReader dump = new PlainKdumpReader(file)) {
            assertThat(dump.utsname(2)).isEmpty();
            assertThat(dump.utsname(4)).isEqualTo("x86_64");
            assertThat(dump.nrCpus()).isEqualTo(2);
            assertThat(dump.timestampSeconds()).isEqualTo(1_700_000_000L);
            assertThat(dump.physBase()).isEqualTo(-585105408L);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void sharesZeroPagesAtEveryLevelButCountsThemAtTheirOwn(int level) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(level);
        Path file = folder.resolve("dump");
        CollectReport report = Collector.collect(CollectPlan.of(file, Compression.ZSTD), vmcore, filtered,
                identity(vmcore), Progress.NONE);

        long zeroes = count(filtered, PagePattern.ZERO);
        assertThat(report.sharedPages()).isEqualTo(zeroes);
        assertThat(report.zeroPages()).isEqualTo(level == 0 ? 0 : zeroes);
        try (PlainKdumpReader dump = new PlainKdumpReader(file)) {
            long first = dump.descriptorStart() + 24 * dump.dumpedPages();
            for (long pfn = 0; pfn < PFNS; pfn++) {
                if (dump.dumped(pfn)) {
                    boolean zero = FakeVmcore.pattern(pfn) == PagePattern.ZERO;
                    assertThat(dump.descriptor(pfn).offset() == first).as("pfn %d shares", pfn).isEqualTo(zero);
                }
            }
        }
    }

    @Test
    void storesPagesAsTheyAreWhereCompressingDoesNotShrinkThem() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(1);
        Path file = folder.resolve("dump");
        Collector.collect(CollectPlan.of(file, Compression.SNAPPY), vmcore, filtered, identity(vmcore),
                Progress.NONE);
        try (PlainKdumpReader dump = new PlainKdumpReader(file)) {
            for (long pfn = 0; pfn < PFNS; pfn++) {
                if (dump.dumped(pfn) && FakeVmcore.pattern(pfn) != PagePattern.ZERO) {
                    boolean noise = FakeVmcore.pattern(pfn) == PagePattern.NOISE;
                    assertThat(dump.flags(pfn)).as("flags of pfn %d", pfn)
                            .isEqualTo(noise ? 0 : PlainKdumpReader.SNAPPY);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void tellsWhatTheThreadsSpentTheirTimeWith(int threads) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        CollectPlan plan = CollectPlan.of(folder.resolve("dump"), Compression.ZLIB).withThreads(threads)
                .withBatchPages(16);
        CollectReport report = Collector.collect(plan, vmcore, vmcore.filtered(0), identity(vmcore), Progress.NONE);
        WorkTimes times = report.times();
        assertThat(times.readNanos()).isPositive();
        assertThat(times.compressNanos()).isPositive();
        assertThat(times.writeNanos()).isPositive();
        assertThat(times.waitNanos()).isPositive();
        assertThat(times.readNanos() + times.compressNanos() + times.writeNanos() + times.waitNanos())
                .isLessThanOrEqualTo(threads * report.nanos());
    }

    @ParameterizedTest
    @CsvSource({"NONE, 0", "LZO, 31", "ZSTD, 0", "ZLIB, 1", "SNAPPY, 31"})
    void writesTheSameBytesForEveryNumberOfThreadsAndPagesABatch(Compression compression, int level)
            throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(level);
        Path first = folder.resolve("first");
        Collector.collect(CollectPlan.of(first, compression), vmcore, filtered, identity(vmcore), Progress.NONE);
        Path other = folder.resolve("other");
        for (int threads : new int[]{1, 2, 3, 7}) {
            for (int batchPages : new int[]{1, 2, 63, 64, 1024}) {
                CollectPlan plan = CollectPlan.of(other, compression).withThreads(threads).withBatchPages(batchPages)
                        .withOverwrite(true);
                Collector.collect(plan, vmcore, filtered, identity(vmcore), Progress.NONE);
                assertThat(Files.mismatch(first, other)).as("threads %d, batchPages %d", threads, batchPages)
                        .isEqualTo(-1);
            }
        }
        assertThreadsEnded(vmcore);
    }

    @Test
    void writesZeroesForPagesThatMustNotBeRead() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(500, ByteOrder.LITTLE_ENDIAN, pfn -> assertThat(pfn).isNotEqualTo(100));
        PageBitmap all = new PageBitmap(500);
        all.setRange(0, 500);
        PageBitmap unreadable = new PageBitmap(500);
        unreadable.set(100);
        unreadable.set(101);
        unreadable.set(499);
        FilterResult filtered = FakeVmcore.result(new DumpBitmaps(all, all, unreadable), 0);
        Path file = folder.resolve("dump");
        Collector.collect(CollectPlan.of(file, Compression.LZO), vmcore, filtered, identity(vmcore), Progress.NONE);
        assertComplete(file, filtered);
    }

    /// Pages that the input lost are in no dump made of it.
    @Test
    void marksADumpOfAnIncompleteInput() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(500);
        vmcore.incomplete = true;
        FilterResult filtered = vmcore.filtered(1);
        Path file = folder.resolve("dump");
        CollectReport report = Collector.collect(CollectPlan.of(file, Compression.LZO), vmcore, filtered,
                identity(vmcore), Progress.NONE);
        assertIncomplete(file, filtered, report.pages());
    }

    @Test
    void writesADumpWithoutPages() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(100);
        PageBitmap none = new PageBitmap(100);
        FilterResult filtered = FakeVmcore.result(new DumpBitmaps(none, none, none), 31);
        Path file = folder.resolve("dump");
        CollectReport report = Collector.collect(CollectPlan.of(file, Compression.ZLIB).withThreads(4), vmcore,
                filtered, identity(vmcore), Progress.NONE);
        assertThat(report.pages()).isZero();
        assertComplete(file, filtered);
    }

    @ParameterizedTest
    @EnumSource
    void dryRunReportsWhatTheRealRunDoes(Compression compression) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(1);
        Path file = folder.resolve("dump");
        CollectPlan plan = CollectPlan.of(file, compression).withThreads(2);
        CollectReport dry = Collector.collect(plan.withDryRun(true), vmcore, filtered, identity(vmcore),
                Progress.NONE);
        assertThat(file).doesNotExist();
        CollectReport real = Collector.collect(plan, vmcore, filtered, identity(vmcore), Progress.NONE);
        assertThat(dry).usingRecursiveComparison().ignoringFields("nanos", "times").isEqualTo(real);
        assertThat(real.fileBytes()).isEqualTo(Files.size(file));
    }

    @Test
    void tellsProgressByPages() throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        FilterResult filtered = vmcore.filtered(1);
        CountingProgress progress = new CountingProgress();
        Collector.collect(CollectPlan.of(folder.resolve("dump"), Compression.LZO).withThreads(3), vmcore, filtered,
                identity(vmcore), progress);
        assertThat(progress.total).isEqualTo(filtered.bitmaps().dumpable().cardinality());
        assertThat(progress.done.get()).isEqualTo(progress.total);
        assertThat(progress.ended).isTrue();
    }

    private static final class CountingProgress implements Progress {
        private long total;
        private final java.util.concurrent.atomic.AtomicLong done = new java.util.concurrent.atomic.AtomicLong();
        private boolean ended;

        @Override
        public void begin(Stage stage, long amount) {
            assertThat(stage).isEqualTo(Stage.COPYING);
            total = amount;
        }

        @Override
        public void advance(long amount) {
            done.addAndGet(amount);
        }

        @Override
        public void end(Stage stage) {
            ended = true;
        }

        @Override
        public void warning(String message) {
            throw new AssertionError(message);
        }
    }
}
