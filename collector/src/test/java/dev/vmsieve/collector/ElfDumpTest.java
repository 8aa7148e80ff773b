// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static dev.vmsieve.collector.ElfDumps.MAP;
import static dev.vmsieve.collector.ElfDumps.PAGE;
import static dev.vmsieve.collector.ElfDumps.PFNS;
import static dev.vmsieve.collector.ElfDumps.collect;
import static dev.vmsieve.collector.ElfDumps.expected;
import static dev.vmsieve.collector.ElfDumps.filtered;
import static dev.vmsieve.collector.ElfDumps.flattened;
import static dev.vmsieve.collector.ElfDumps.vmcore;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    @TempDir
    private Path folder;

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
}
