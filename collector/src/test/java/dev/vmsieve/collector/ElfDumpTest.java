// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.IncompleteDumpException.Reason;
import dev.vmsieve.collector.plan.Cancellation;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpFormat;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.collector.rework.RearrangePlan;
import dev.vmsieve.collector.rework.Rearranger;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.fixtures.ElfComparison;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.PlainElfReader.Header;

/// Whole ELF dumps, read back by the plain reader.
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class ElfDumpTest {
    private static final int PAGE = FakeVmcore.PAGE_BYTES;
    private static final int PFNS = 3000;
    private static final long MAP = 0xffff_8880_0000_0000L;
    private static final long TEXT = 0xffff_ffff_8100_0000L;

    @TempDir
    Path folder;

    /// Memory from page 1 on, in two pieces that end within pages, and the kernel's image in the second for a second time.
    private static FakeVmcore vmcore() {
        return vmcore(pfn -> {});
    }

    private static FakeVmcore vmcore(FakeVmcore.OnRead onRead) {
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, onRead);
        vmcore.segments = List.of(new KernelSegment(1000 * PAGE, TEXT, 700 * PAGE),
                new KernelSegment(PAGE, MAP + PAGE, 158 * PAGE + 0xc00),
                new KernelSegment(200 * PAGE, MAP + 200 * PAGE, 2800 * PAGE - 0x400));
        return vmcore;
    }

    /// Every page of the segments, without runs of 300 and single pages here and there.
    private static FilterResult filtered(int level) {
        PageBitmap existing = new PageBitmap(PFNS);
        existing.setRange(1, 160);
        existing.setRange(200, PFNS);
        PageBitmap dumpable = PageBitmap.copyOf(existing);
        for (int pfn = 0; pfn < PFNS; pfn += 700) {
            dumpable.clearRange(pfn, pfn + 300);
            dumpable.clear(pfn + 500);
        }
        return FakeVmcore.result(new DumpBitmaps(existing, dumpable, new PageBitmap(PFNS)), level);
    }

    private CollectReport collect(FakeVmcore vmcore, Path file, int level, int threads) throws IOException {
        return Collector.collect(CollectPlan.elf(file).withThreads(threads), vmcore, filtered(level),
                identity(vmcore), Progress.NONE);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 3", "1, 1", "1, 2", "31, 2"})
    void storesEveryKeptPageOnce(int level, int threads) throws IOException {
        FakeVmcore vmcore = vmcore();
        Path file = folder.resolve("dump");
        CollectReport report = collect(vmcore, file, level, threads);
        assertThreadsEnded(vmcore);
        assertThat(ElfComparison.check(file)).isEmpty();
        assertThat(report.fileBytes()).isEqualTo(Files.size(file));
        assertThat(report.writtenBytes()).isBetween(report.fileBytes() - 2 * PAGE, report.fileBytes() + 4);
        PageBitmap dumpable = filtered(level).bitmaps().dumpable();
        long zeroes = 0;
        try (PlainElfReader dump = new PlainElfReader(file)) {
            assertThat(dump.flags()).isZero();
            assertThat(dump.machine()).isEqualTo(62);
            assertThat(dump.vmcoreinfo()).isEqualTo(FakeVmcore.VMCOREINFO);
            assertThat(dump.notes()).hasSize(3);
            for (long pfn = 0; pfn < PFNS; pfn++) {
                boolean zero = FakeVmcore.pattern(pfn) == PagePattern.ZERO;
                zeroes += zero && dumpable.get(pfn) && level != 0 ? 1 : 0;
                assertThat(dump.exists(pfn)).as("pfn %d exists", pfn)
                        .isEqualTo(filtered(0).bitmaps().existing().get(pfn));
                if (dumpable.get(pfn) && (level == 0 || !zero)) {
                    assertThat(dump.stored(pfn)).as("pfn %d is stored", pfn).isTrue();
                }
                if (dump.stored(pfn)) {
                    assertThat(dump.page(pfn)).as("page %d", pfn).isEqualTo(expected(pfn));
                }
            }
            assertThat(dump.stored(0)).isFalse();
            assertThat(dump.stored(800)).as("a long run").isFalse();
            assertThat(dump.stored(500)).as("a short run").isTrue();
        }
        assertThat(report.zeroPages()).isEqualTo(zeroes);
    }

    /// Two pieces end within a page.
    private static byte[] expected(long pfn) {
        byte[] page = FakeVmcore.page(pfn).clone();
        Arrays.fill(page, pfn == 159 || pfn == PFNS - 1 ? 0xc00 : PAGE, PAGE, (byte) 0);
        return page;
    }

    @Test
    void pointsEveryAddressOfTheSameMemoryToTheSameBytes() throws IOException {
        Path file = folder.resolve("dump");
        collect(vmcore(), file, 0, 2);
        List<String> tiles = new ArrayList<>();
        long stored = 0;
        try (PlainElfReader dump = new PlainElfReader(file)) {
            for (Header header : dump.headers()) {
                tiles.add(header.type() + " " + header.paddr() / PAGE + ":" + (header.filesz() + PAGE - 1) / PAGE + "/"
                        + (header.memsz() + PAGE - 1) / PAGE + " " + Long.toHexString(header.vaddr()));
                stored += header.type() == 1 ? header.filesz() : 0;
            }
        }
        assertThat(tiles).containsExactly("4 0:1/1 0", "1 1000:400/700 ffffffff81000000",
                "1 1:0/159 ffff888000001000", "1 200:500/800 ffff8880000c8000",
                "1 1000:400/700 ffff8880003e8000",
                "1 1700:400/700 ffff8880006a4000", "1 2400:400/600 ffff888000960000");
        assertThat(Files.size(file)).isLessThan(stored - 390 * PAGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31})
    void writesTheSameBytesForEveryNumberOfThreadsAndPagesABatch(int level) throws IOException {
        FakeVmcore vmcore = vmcore();
        Path first = folder.resolve("first");
        collect(vmcore, first, level, 1);
        Path other = folder.resolve("other");
        for (int threads : new int[]{1, 2, 3, 7}) {
            for (int batchPages : new int[]{1, 2, 63, 64, 1024}) {
                CollectPlan plan = CollectPlan.elf(other).withThreads(threads).withBatchPages(batchPages)
                        .withOverwrite(true);
                Collector.collect(plan, vmcore, filtered(level), identity(vmcore), Progress.NONE);
                assertThat(Files.mismatch(first, other)).as("threads %d, batchPages %d", threads, batchPages)
                        .isEqualTo(-1);
            }
        }
        assertThreadsEnded(vmcore);
    }

    @Test
    void neverReadsPagesThatMustNotBeRead() throws IOException {
        PageBitmap unreadable = new PageBitmap(PFNS);
        unreadable.set(500);
        unreadable.set(600);
        unreadable.setRange(1000, 1300);
        FakeVmcore vmcore = vmcore(pfn -> assertThat(pfn).isNotIn(500L, 600L, 1000L));
        for (int level = 0; level < 2; level++) {
            DumpBitmaps bitmaps = filtered(level).bitmaps();
            FilterResult filtered = FakeVmcore
                    .result(new DumpBitmaps(bitmaps.existing(), bitmaps.dumpable(), unreadable), level);
            Path file = folder.resolve("dump" + level);
            Collector.collect(CollectPlan.elf(file), vmcore, filtered, identity(vmcore), Progress.NONE);
            try (PlainElfReader dump = new PlainElfReader(file)) {
                assertThat(dump.page(500)).containsOnly(0);
                assertThat(dump.page(600)).containsOnly(0);
                assertThat(dump.page(501)).isEqualTo(FakeVmcore.page(501));
            }
        }
    }

    @Test
    void addsANoteForVmcoreinfoThatTheNotesLack() throws IOException {
        FakeVmcore vmcore = vmcore();
        vmcore.withNotes = false;
        DumpIdentity identity = new DumpIdentity(new byte[DumpIdentity.UTSNAME_BYTES], 0, 0, 1,
                FakeVmcore.VMCOREINFO.getBytes(StandardCharsets.US_ASCII));
        Path file = folder.resolve("dump");
        Collector.collect(CollectPlan.elf(file), vmcore, filtered(0), identity, Progress.NONE);
        assertThat(ElfComparison.check(file)).isEmpty();
        try (PlainElfReader dump = new PlainElfReader(file)) {
            assertThat(dump.vmcoreinfo()).isEqualTo(FakeVmcore.VMCOREINFO);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {65533, 65534, 65600})
    void countsProgramHeadersInASectionHeaderWhereThereAreTooMany(int segments) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(2L * segments);
        vmcore.segments = new ArrayList<>();
        PageBitmap pages = new PageBitmap(2L * segments);
        for (int i = 0; i < segments; i++) {
            vmcore.segments.add(new KernelSegment(2L * i * PAGE, MAP + 2L * i * PAGE, PAGE));
            if (i % 1000 == 7) {
                pages.set(2L * i);
            }
        }
        FilterResult filtered = FakeVmcore.result(new DumpBitmaps(pages, pages, new PageBitmap(pages.size())), 0);
        Path file = folder.resolve("dump");
        Collector.collect(CollectPlan.elf(file), vmcore, filtered, identity(vmcore), Progress.NONE);
        assertThat(ElfComparison.check(file)).isEmpty();
        boolean extended = segments + 1 >= 0xffff;
        ByteBuffer head = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(head.getShort(56) & 0xffff).isEqualTo(Math.min(segments + 1, 0xffff));
        assertThat(head.getLong(40)).isEqualTo(extended ? 64 + 56L * (segments + 1) : 0);
        assertThat(head.getShort(60)).isEqualTo((short) (extended ? 1 : 0));
        try (PlainElfReader dump = new PlainElfReader(file)) {
            assertThat(dump.headers()).hasSize(segments + 1);
            assertThat(dump.vmcoreinfo()).isEqualTo(FakeVmcore.VMCOREINFO);
            assertThat(dump.page(14)).isEqualTo(FakeVmcore.page(14));
            assertThat(dump.page(2 * 65007)).isEqualTo(FakeVmcore.page(2 * 65007));
        }
    }

    @Test
    void writesElf32WhereTheInputIsAndTheDumpFits() throws IOException {
        FakeVmcore vmcore = vmcore();
        vmcore.headerWordBytes = Integer.BYTES;
        vmcore.segments = List.of(new KernelSegment(200 * PAGE, 0xc00c_8000L, 1000 * PAGE),
                new KernelSegment(1300 * PAGE, 0xfff0_0000L, 1300 * PAGE),
                new KernelSegment(2700 * PAGE, KernelSegment.NO_ADDRESS, 300 * PAGE));
        Path file = folder.resolve("dump");
        collect(vmcore, file, 0, 2);
        assertThat(ElfComparison.check(file)).isEmpty();
        try (PlainElfReader dump = new PlainElfReader(file)) {
            assertThat(dump.wordBytes()).isEqualTo(4);
            assertThat(dump.headers().get(2).vaddr()).isEqualTo(0xc03e_8000L);
            assertThat(dump.headers().get(3).vaddr()).isEqualTo(0xfff0_0000L);
            assertThat(dump.headers().get(4).vaddr()).as("wraps").isEqualTo(0xffff_ffffL);
            assertThat(dump.headers().getLast().vaddr()).isEqualTo(0xffff_ffffL);
            for (long pfn = 300; pfn < 700; pfn++) {
                assertThat(dump.page(pfn)).isEqualTo(FakeVmcore.page(pfn));
            }
        }
    }

    @Test
    void writesElf64WhereTheMemoryIsTooLargeForElf32() throws IOException {
        FakeVmcore vmcore = vmcore();
        vmcore.headerWordBytes = Integer.BYTES;
        vmcore.segments = List.of(new KernelSegment(200 * PAGE, MAP, 1000 * PAGE),
                new KernelSegment(0x1_0000_0000L, KernelSegment.NO_ADDRESS, PAGE));
        Path file = folder.resolve("dump");
        collect(vmcore, file, 0, 2);
        assertThat(ElfComparison.check(file)).isEmpty();
        try (PlainElfReader dump = new PlainElfReader(file)) {
            assertThat(dump.wordBytes()).isEqualTo(8);
        }
    }

    @Test
    void refusesAVmcoreThatDoesNotSayWhereTheKernelSeesMemory() {
        FakeVmcore vmcore = new FakeVmcore(64);
        Path file = folder.resolve("dump");
        assertThatThrownBy(() -> Collector.collect(CollectPlan.elf(file), vmcore, vmcore.filtered(0),
                identity(vmcore), Progress.NONE)).isInstanceOf(UnsupportedDumpException.class)
                .hasMessageStartingWith("[fake] an ELF file (-E) of a kdump file needs");
        assertThat(file).doesNotExist();
        assertThatThrownBy(() -> new CollectPlan(file, false, false,
                DumpFormat.ELF, Compression.LZO, OptionalInt.empty(), 1, 0, 1, new Cancellation()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void dryRunReportsWhatTheRealRunDoes() throws IOException {
        FakeVmcore vmcore = vmcore();
        Path file = folder.resolve("dump");
        CollectPlan plan = CollectPlan.elf(file).withThreads(2);
        CollectReport dry = Collector.collect(plan.withDryRun(true), vmcore, filtered(1), identity(vmcore),
                Progress.NONE);
        assertThat(file).doesNotExist();
        CollectReport real = Collector.collect(plan, vmcore, filtered(1), identity(vmcore), Progress.NONE);
        assertThat(dry).usingRecursiveComparison().ignoringFields("nanos", "times").isEqualTo(real);
    }

    // Streams ----------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void sendsTheFileDownAStreamInOnePass(int level) throws IOException {
        FakeVmcore vmcore = vmcore();
        Path direct = folder.resolve("direct");
        collect(vmcore, direct, level, 1);
        byte[] one = flattened(vmcore, level, 1);
        assertThat(flattened(vmcore, level, 4)).isEqualTo(one);
        Path rearranged = folder.resolve("rearranged");
        Rearranger.rearrange(RearrangePlan.of(rearranged), "stream", Channels.newChannel(new ByteArrayInputStream(one)),
                Progress.NONE);
        assertThat(rearranged).hasSameBinaryContentAs(direct);

        ByteBuffer bytes = ByteBuffer.wrap(one).position(4096);
        long end = 0;
        long offset = bytes.getLong();
        while (offset != -1) {
            assertThat(offset).as("each byte once, one after the other").isEqualTo(end);
            long size = bytes.getLong();
            end += size;
            bytes.position(bytes.position() + (int) size);
            offset = bytes.getLong();
        }
        assertThat(end).isEqualTo(Files.size(direct));
    }

    private static byte[] flattened(FakeVmcore vmcore, int level, int threads) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        Collector.flatten(CollectPlan.elf(Path.of("stream")).withThreads(threads).withBatchPages(16),
                Channels.newChannel(stream), vmcore, filtered(level), identity(vmcore), Progress.NONE);
        return stream.toByteArray();
    }

    // Incomplete dumps -------------------------------------------------------------------------------------------

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
