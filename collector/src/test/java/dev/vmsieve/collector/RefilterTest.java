// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.collector.rework.RearrangePlan;
import dev.vmsieve.collector.rework.Rearranger;
import dev.vmsieve.collector.rework.ReassemblePlan;
import dev.vmsieve.collector.rework.Reassembler;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.DumpComparison;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SegmentData;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// Dumps that are filtered again: pages copied as they are stored, against the same pages decompressed and compressed.
class RefilterTest {
    private static final int PAGE = 4096;
    private static final int PFNS = 3000;
    private static final int DESCRIPTOR_BYTES = 24;
    private static final String VMCOREINFO = "OSRELEASE=6.1.0-test\nPAGESIZE=4096\nCRASHTIME=1700000000\n";
    private static final int[] METHODS = {PlainKdumpReader.ZLIB, PlainKdumpReader.SNAPPY, 0, PlainKdumpReader.ZSTD};

    @TempDir
    Path folder;
    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());

    /// What one run had as its outcome.
    private record Run(Path file, CollectReport report, boolean incompleteInput) {}

    private Vmcore open(Path input) throws IOException {
        return VmcoreOpener.open(input, new OpenOptions(true), Progress.warnings(warnings::add));
    }

    /// Another level leaves out every fifth run of eight pages.
    private static FilterResult filtered(Vmcore vmcore, int level) {
        PageBitmap existing = new PageBitmap(vmcore.maxMapnr());
        PageBitmap dumpable = new PageBitmap(vmcore.maxMapnr());
        PfnRange all = new PfnRange(0, vmcore.maxMapnr());
        vmcore.markExisting(all, existing);
        vmcore.markPresent(all, dumpable);
        for (long pfn = 24; pfn < vmcore.maxMapnr(); pfn += 40) {
            dumpable.clearRange(pfn, Math.min(pfn + 8, vmcore.maxMapnr()));
        }
        return FakeVmcore.result(new DumpBitmaps(existing, dumpable, new PageBitmap(vmcore.maxMapnr())), level);
    }

    private Run run(Vmcore vmcore, CollectPlan plan) throws IOException {
        DumpIdentity identity = DumpIdentity.of(vmcore, Optional.empty());
        boolean incomplete = vmcore.incomplete();
        CollectReport report = Collector.collect(plan.withOverwrite(true), vmcore, filtered(vmcore, 1), identity,
                Progress.warnings(warnings::add));
        return new Run(plan.dumpFile(), report, incomplete);
    }

    private Run refilter(Path input, Compression asked) throws IOException {
        try (Vmcore vmcore = open(input)) {
            return run(vmcore, CollectPlan.of(folder.resolve("again." + asked), asked).withThreads(2));
        }
    }

    /// The slow way, for which a dump is memory like any other.
    private Run recompress(Path input, Compression asked) throws IOException {
        try (Vmcore vmcore = new MemoryOnly(open(input))) {
            return run(vmcore, CollectPlan.of(folder.resolve("expected." + asked), asked));
        }
    }

    private void holdsWhatRecompressingWould(Run run, Path input, Compression asked) throws IOException {
        Run expected = recompress(input, asked);
        assertThat(DumpComparison.withPeer(run.file, expected.file)).isEmpty();
        assertThat(run.report.pages()).isEqualTo(expected.report.pages());
        assertThat(run.report.zeroPages()).isEqualTo(expected.report.zeroPages());
        assertThat(run.report.unreadablePages()).isEqualTo(expected.report.unreadablePages());
        assertThat(run.report.fileBytes()).isEqualTo(Files.size(run.file));
        try (PlainKdumpReader dump = new PlainKdumpReader(run.file)) {
            assertThat(dump.check()).isEmpty();
            boolean lacksPages = run.report.unreadablePages() > 0 || run.incompleteInput;
            assertThat((dump.status() & PlainKdumpReader.INCOMPLETE) != 0).isEqualTo(lacksPages);
        }
    }

    private Path compressedBy(Compression method) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        Path file = folder.resolve("input." + method);
        Collector.collect(CollectPlan.of(file, method), vmcore, vmcore.filtered(0), DumpChecks.identity(vmcore),
                Progress.NONE);
        return file;
    }

    private static byte[] contents(long pfn) {
        PagePattern[] patterns = PagePattern.values();
        return patterns[(int) (pfn / 3 % patterns.length)].page(pfn, 11);
    }

    /// Pages of all methods but LZO in turn, zero pages among them.
    private static SplitDumpBuilder mixed() throws IOException {
        SplitDumpBuilder dump = new SplitDumpBuilder(PFNS).vmcoreinfo(VMCOREINFO).status(PlainKdumpReader.ZLIB);
        for (long pfn = 0; pfn < PFNS; pfn++) {
            if (pfn % 11 == 5) {
                dump.excluded(pfn);
            } else if (pfn % 13 != 7) {
                dump.page(pfn, contents(pfn), METHODS[(int) (pfn / 2 % METHODS.length)]);
            }
        }
        return dump;
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    @ParameterizedTest
    @EnumSource
    void copiesPagesWhoseMethodStays(Compression method) throws IOException {
        Path input = compressedBy(method);
        for (Compression asked : List.of(Compression.NONE, method)) {
            Run again = refilter(input, asked);
            holdsWhatRecompressingWould(again, input, asked);
            try (PlainKdumpReader before = new PlainKdumpReader(input);
                    PlainKdumpReader after = new PlainKdumpReader(again.file)) {
                assertThat(after.status()).isEqualTo(method.flag());
                for (long pfn = 0; pfn < PFNS; pfn++) {
                    if (after.dumped(pfn)) {
                        assertThat(after.flags(pfn)).as("flags of pfn %d", pfn).isEqualTo(before.flags(pfn));
                        assertThat(after.stored(pfn)).as("pfn %d", pfn).isEqualTo(before.stored(pfn));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void compressesPagesAnewWhoseMethodChanges(Compression method) throws IOException {
        Path input = compressedBy(method);
        for (Compression asked : Compression.values()) {
            if (asked != Compression.NONE && asked != method) {
                Run again = refilter(input, asked);
                assertThat(again.file).hasSameBinaryContentAs(recompress(input, asked).file);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesEachPageOfAMixedDumpByItsOwnMethod(Compression asked) throws IOException {
        Path input = mixed().write(folder.resolve("mixed"));
        Run again = refilter(input, asked);
        holdsWhatRecompressingWould(again, input, asked);
        try (PlainKdumpReader before = new PlainKdumpReader(input);
                PlainKdumpReader after = new PlainKdumpReader(again.file)) {
            long zeroBlock = after.descriptorStart() + DESCRIPTOR_BYTES * after.dumpedPages();
            assertThat(after.status()).isEqualTo(asked == Compression.NONE ? PlainKdumpReader.ZLIB : asked.flag());
            for (long pfn = 0; pfn < PFNS; pfn++) {
                if (!after.dumped(pfn)) {
                    continue;
                }
                boolean zero = Arrays.equals(contents(pfn), new byte[PAGE]);
                assertThat(after.descriptor(pfn).offset() == zeroBlock).as("pfn %d", pfn).isEqualTo(zero);
                boolean stays = asked == Compression.NONE || before.flags(pfn) == asked.flag()
                        || (asked == Compression.ZLIB && before.flags(pfn) == 0);
                if (stays && !zero) {
                    assertThat(after.flags(pfn)).as("pfn %d", pfn).isEqualTo(before.flags(pfn));
                    assertThat(after.stored(pfn)).as("pfn %d", pfn).isEqualTo(before.stored(pfn));
                } else {
                    assertThat(after.flags(pfn)).as("pfn %d", pfn).isIn(0, asked.flag());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesTheSameBytesForEveryNumberOfThreadsAndPagesABatch(Compression asked) throws IOException {
        Path input = mixed().write(folder.resolve("mixed"));
        Run first = refilter(input, asked);
        try (Vmcore vmcore = open(input)) {
            for (int threads : new int[]{1, 2, 7}) {
                for (int batchPages : new int[]{3, 1024}) {
                    CollectPlan plan = CollectPlan.of(folder.resolve("other"), asked).withThreads(threads)
                            .withBatchPages(batchPages);
                    assertThat(run(vmcore, plan).file).as("threads %d, batchPages %d", threads, batchPages)
                            .hasSameBinaryContentAs(first.file);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDryRunTellsTheSizeOfTheFile(Compression asked) throws IOException {
        for (Path input : List.of(mixed().write(folder.resolve("mixed")), compressedBy(Compression.LZO))) {
            Run real = refilter(input, asked);
            try (Vmcore vmcore = open(input)) {
                for (int threads : new int[]{1, 3}) {
                    Path none = folder.resolve("none");
                    CollectPlan plan = CollectPlan.of(none, asked).withThreads(threads).withDryRun(true);
                    assertThat(run(vmcore, plan).report).usingRecursiveComparison().ignoringFields("nanos", "times")
                            .isEqualTo(real.report);
                    assertThat(none).doesNotExist();
                }
            }
        }
    }

    @Test
    void sendsTheSameDumpDownAStream() throws IOException {
        Path input = mixed().write(folder.resolve("mixed"));
        Run direct = refilter(input, Compression.NONE);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        try (Vmcore vmcore = open(input)) {
            Collector.flatten(CollectPlan.of(folder.resolve("stream"), Compression.NONE).withThreads(3),
                    Channels.newChannel(stream), vmcore, filtered(vmcore, 1),
                    DumpIdentity.of(vmcore, Optional.empty()), Progress.NONE);
        }
        Path rearranged = folder.resolve("rearranged");
        Rearranger.rearrange(RearrangePlan.of(rearranged), "stream",
                Channels.newChannel(new ByteArrayInputStream(stream.toByteArray())), Progress.NONE);
        assertThat(rearranged).hasSameBinaryContentAs(direct.file);
    }

    /// The pages' data in the opposite order, with a gap between them.
    private static byte[] reversed(byte[] dump, PlainKdumpReader reader) throws IOException {
        int dataStart = (int) (reader.descriptorStart() + DESCRIPTOR_BYTES * reader.dumpedPages());
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        ByteBuffer head = ByteBuffer.wrap(Arrays.copyOf(dump, dataStart)).order(ByteOrder.LITTLE_ENDIAN);
        for (int rank = (int) reader.dumpedPages() - 1; rank >= 0; rank--) {
            int at = (int) reader.descriptorStart() + rank * DESCRIPTOR_BYTES;
            int offset = (int) head.getLong(at);
            data.writeBytes(new byte[rank % 3]);
            head.putLong(at, dataStart + data.size());
            data.write(dump, offset, head.getInt(at + 8));
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(head.array());
        whole.writeBytes(data.toByteArray());
        return whole.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "ZSTD"})
    void theOrderOfTheInputsDataDoesNotMatter(Compression asked) throws IOException {
        byte[] dump = mixed().build();
        Path input = write("mixed", dump);
        Run inOrder = refilter(input, asked);
        byte[] bytes = Files.readAllBytes(inOrder.file);
        Path other;
        try (PlainKdumpReader reader = new PlainKdumpReader(input)) {
            other = write("reversed", reversed(dump, reader));
        }
        assertThat(Files.readAllBytes(refilter(other, asked).file)).isEqualTo(bytes);
    }

    /// Pages with one block of data, and pages whose data overlap, have each their own data behind.
    @Test
    void separatesPagesThatShareData() throws IOException {
        byte[] wide = new byte[2 * PAGE];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = (byte) ((i * 31) >> 3);
        }
        SplitDumpBuilder apart = new SplitDumpBuilder(64).vmcoreinfo(VMCOREINFO);
        for (int pfn = 0; pfn < 20; pfn++) {
            apart.stored(pfn, Arrays.copyOfRange(wide, pfn / 2 * 64, pfn / 2 * 64 + PAGE), 0);
        }
        Path expected = refilter(apart.write(folder.resolve("apart")), Compression.NONE).file;
        byte[] bytes = Files.readAllBytes(expected);
        ByteBuffer together = ByteBuffer.wrap(apart.build()).order(ByteOrder.LITTLE_ENDIAN);
        int descriptors = 4 * PAGE;
        int data = descriptors + 20 * DESCRIPTOR_BYTES;
        together.put(data, wide);
        for (int pfn = 0; pfn < 20; pfn++) {
            together.putLong(descriptors + pfn * DESCRIPTOR_BYTES, data + pfn / 2 * 64);
        }
        Path input = write("together", together.array());
        assertThat(Files.readAllBytes(refilter(input, Compression.NONE).file)).isEqualTo(bytes);
        holdsWhatRecompressingWould(refilter(input, Compression.NONE), input, Compression.NONE);
    }

    @Test
    void readsThePartsOfASplitDump() throws IOException {
        Path whole = refilter(mixed().write(folder.resolve("mixed")), Compression.NONE).file;
        List<Path> parts = List.of(write("c", mixed().part(2048, PFNS)), write("a", mixed().part(0, 1024)),
                write("b", mixed().part(1024, 2048)));
        try (Vmcore vmcore = VmcoreOpener.openSplit(parts, new OpenOptions(true), Progress.NONE)) {
            Run again = run(vmcore, CollectPlan.of(folder.resolve("joined"), Compression.NONE).withThreads(2));
            assertThat(again.file).hasSameBinaryContentAs(whole);
        }
    }

    @Test
    void refusesAnyPartOfItsInputAsOutput() throws IOException {
        List<Path> parts = List.of(write("a", mixed().part(0, 1024)), write("b", mixed().part(1024, PFNS)));
        for (Path part : parts) {
            byte[] before = Files.readAllBytes(part);
            try (Vmcore vmcore = VmcoreOpener.openSplit(parts, new OpenOptions(true), Progress.NONE)) {
                assertThatThrownBy(
                        () -> run(vmcore, CollectPlan.of(part, Compression.NONE).withOverwrite(true)))
                        .hasMessage("[" + part + "] is the input and cannot be the output too");
            }
            assertThat(Files.readAllBytes(part)).isEqualTo(before);
        }
    }

    private static String erased(Path dump) throws IOException {
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.check()).isEmpty();
            byte[] all = Files.readAllBytes(dump);
            int at = (int) reader.offsetEraseinfo();
            return new String(all, at, (int) reader.sizeEraseinfo(), StandardCharsets.US_ASCII);
        }
    }

    /// From kdump to kdump, to ELF and back, in one file and in parts.
    @Test
    void keepsTellingWhatWasErased() throws IOException {
        String text = "erase key size 32\nerase list.next nullify\n";
        Path input = mixed().eraseinfo(text).write(folder.resolve("mixed"));
        Path kdump = refilter(input, Compression.SNAPPY).file;
        assertThat(erased(kdump)).isEqualTo(text);
        assertThat(refilter(kdump, Compression.NONE).file)
                .hasSameBinaryContentAs(refilter(input, Compression.NONE).file);
        Path elf = folder.resolve("elf");
        try (Vmcore vmcore = open(kdump)) {
            List<KernelSegment> memory = List.of(new KernelSegment(0, -1L << 47, (long) PFNS * PAGE));
            Collector.collect(CollectPlan.elf(elf), vmcore, filtered(vmcore, 1),
                    DumpIdentity.of(vmcore, Optional.empty()).withSegments(memory), Progress.NONE);
        }
        try (PlainElfReader reader = new PlainElfReader(elf)) {
            assertThat(reader.notes()).filteredOn(note -> note.name().equals("ERASEINFO")).singleElement()
                    .satisfies(note -> assertThat(new String(note.desc(), StandardCharsets.US_ASCII)).isEqualTo(text));
        }
        assertThat(erased(refilter(elf, Compression.ZSTD).file)).isEqualTo(text);
        SplitPlan split = new SplitPlan(List.of(folder.resolve("1"), folder.resolve("2"), folder.resolve("3")), 4096,
                true);
        Path joined = folder.resolve("joined");
        try (Vmcore vmcore = open(input)) {
            Collector.split(CollectPlan.of(split.files().getFirst(), Compression.SNAPPY), split, vmcore,
                    filtered(vmcore, 1), DumpIdentity.of(vmcore, Optional.empty()), Progress.NONE);
        }
        Reassembler.reassemble(ReassemblePlan.of(split.files(), joined), Progress.NONE);
        assertThat(joined).hasSameBinaryContentAs(kdump);
    }

    @ParameterizedTest
    @CsvSource({
            "0, 0, 0, is missing",
            "100, 100, 1, offset must lie inside the file but was 100",
            "99999999, 100, 2, offset must lie inside the file but was 99999999",
            "-5, 100, 4, offset must lie inside the file but was -5",
            "60000, 0, 1, size must be 1 to 4096 but was 0",
            "60000, 4097, 1, size must be 1 to 4096 but was 4097",
            "60000, -1, 32, size must be 1 to 4096 but was 4294967295",
            "60000, 4095, 0, size must be 4096 but was 4095",
    })
    void takesPagesWithBrokenDescriptorsForZeroAsWhenReadingThem(long offset, int size, int flags, String message)
            throws IOException {
        ByteBuffer dump = ByteBuffer.wrap(mixed().build()).order(ByteOrder.LITTLE_ENDIAN);
        Path good = write("good", dump.array());
        try (PlainKdumpReader reader = new PlainKdumpReader(good)) {
            // the fourth page, in a run of pages to be copied
            int at = (int) reader.descriptorStart() + 3 * DESCRIPTOR_BYTES;
            dump.putLong(at, offset).putInt(at + 8, size).putInt(at + 12, flags);
        }
        Path input = write("broken", dump.array());
        Run again = refilter(input, Compression.NONE);
        assertThat(again.report.unreadablePages()).isEqualTo(1);
        assertThat(warnings).hasSize(1).first().asString().contains("pfn 3").contains(message);
        holdsWhatRecompressingWould(again, input, Compression.NONE);
        try (PlainKdumpReader after = new PlainKdumpReader(again.file)) {
            assertThat(after.page(3)).isEqualTo(new byte[PAGE]);
        }
    }

    @Test
    void leavesOutPagesBehindTheEndOfTheFileAndMarksTheDump() throws IOException {
        byte[] whole = mixed().build();
        Path input = write("cut", Arrays.copyOf(whole, whole.length - 50_000));
        Run again = refilter(input, Compression.NONE);
        assertThat(again.incompleteInput).isTrue();
        assertThat(again.report.unreadablePages()).isZero();
        assertThat(warnings).hasSize(1).first().asString().contains("the dump is incomplete: ");
        holdsWhatRecompressingWould(again, input, Compression.NONE);
    }

    @Test
    void takesOnlyThePagesForZeroThatTheSystemCannotRead() throws IOException {
        Path input = compressedBy(Compression.ZSTD);
        long lost = 1012; // kept, and not filled with zeroes
        long bad;
        try (PlainKdumpReader reader = new PlainKdumpReader(input)) {
            bad = reader.descriptor(lost).offset() + 1;
        }
        FlakyDumpFile file = new FlakyDumpFile(FileDumpFile.open(input), bad);
        try (Vmcore vmcore = VmcoreOpener.open(file, Progress.warnings(warnings::add))) {
            Run again = run(vmcore, CollectPlan.of(folder.resolve("again"), Compression.NONE));
            assertThat(again.incompleteInput).isFalse();
            assertThat(again.report.unreadablePages()).isEqualTo(1);
            assertThat(warnings).hasSize(1).first().asString().contains("Input/output error");
            try (PlainKdumpReader before = new PlainKdumpReader(input);
                    PlainKdumpReader after = new PlainKdumpReader(again.file)) {
                assertThat(after.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
                for (long pfn = 0; pfn < PFNS; pfn++) {
                    if (after.dumped(pfn)) {
                        assertThat(after.page(pfn)).as("pfn %d", pfn)
                                .isEqualTo(pfn == lost ? new byte[PAGE] : before.page(pfn));
                    }
                }
            }
        }
    }

    /// A driver's own dump, in front of the other notes, is as large as the device's memory.
    @Test
    void takesNotesAlongThatAreLargerThanTheHeapIs() throws IOException {
        int bytes = 70 << 20;
        Path input = new ElfCoreBuilder().note("LINUX", 0x700, new byte[bytes]).vmcoreinfo(VMCOREINFO)
                .load(0, -1, 8 * PAGE, SegmentData.zeros()).write(folder.resolve("vmcore"));
        Run first;
        try (Vmcore vmcore = open(input)) {
            assertThat(vmcore.notes().isDirect()).isTrue();
            assertThat(vmcore.notes().limit()).isGreaterThan(bytes);
            first = run(vmcore, CollectPlan.of(folder.resolve("first"), Compression.NONE));
        }
        Run again = refilter(first.file, Compression.ZSTD);
        try (Vmcore before = open(first.file); Vmcore after = open(again.file)) {
            assertThat(after.notes().isDirect()).isTrue();
            assertThat(after.notes()).isEqualTo(before.notes());
            assertThat(after.vmcoreinfo()).contains(VMCOREINFO.getBytes(StandardCharsets.ISO_8859_1));
        }
        assertThat(warnings).isEmpty();
    }

    /// A stream that no codec takes is copied all the same: nothing is lost that might be there.
    @Test
    void copiesPagesThatCannotBeDecompressed() throws IOException {
        byte[] garbage = new byte[1000];
        Arrays.fill(garbage, (byte) 0x5a);
        Path input = new SplitDumpBuilder(8).vmcoreinfo(VMCOREINFO).stored(0, garbage, PlainKdumpReader.LZO)
                .stored(1, Arrays.copyOf(garbage, 20), PlainKdumpReader.ZSTD).write(folder.resolve("garbage"));
        Run again = refilter(input, Compression.NONE);
        assertThat(again.report.unreadablePages()).isZero();
        try (PlainKdumpReader after = new PlainKdumpReader(again.file)) {
            assertThat(after.stored(0)).isEqualTo(garbage);
            assertThat(after.stored(1)).isEqualTo(Arrays.copyOf(garbage, 20));
        }
    }

    @Test
    void readsStoredPagesInLargeRuns() throws IOException {
        Path input = compressedBy(Compression.LZO);
        FlakyDumpFile file = new FlakyDumpFile(FileDumpFile.open(input), Long.MAX_VALUE);
        try (Vmcore vmcore = VmcoreOpener.open(file, Progress.NONE)) {
            DumpIdentity identity = DumpIdentity.of(vmcore, Optional.empty());
            PageBitmap pages = new PageBitmap(PFNS);
            vmcore.markPresent(new PfnRange(0, PFNS), pages);
            FilterResult all = FakeVmcore.result(new DumpBitmaps(pages, pages, new PageBitmap(PFNS)), 1);
            CollectPlan plan = CollectPlan.of(folder.resolve("again"), Compression.NONE);
            int batches = (int) pages.cardinality() / 256 + 1;
            file.reads.clear();
            Collector.collect(plan, vmcore, all, identity, Progress.NONE);
            // a batch is one read of data, and one of descriptors
            assertThat(file.reads).hasSizeLessThanOrEqualTo(2 * batches + 1);

            file.reads.clear();
            Collector.collect(plan.withDryRun(true), vmcore, all, identity, Progress.NONE);
            // a dry run looks only at what may be zero: here raw pages, and the smallest of all
            assertThat(file.reads.stream().mapToLong(Integer::longValue).sum()).isLessThan(Files.size(input) * 9 / 10);
        }
    }

    @Test
    void keepsSayingThatStructPagesAreLeftOut() throws IOException {
        SplitDumpBuilder dump = mixed().status(PlainKdumpReader.ZLIB | 0x10);
        Path input = dump.write(folder.resolve("e"));
        for (Compression asked : List.of(Compression.NONE, Compression.LZO)) {
            try (PlainKdumpReader after = new PlainKdumpReader(refilter(input, asked).file)) {
                assertThat(after.status()).isEqualTo(
                        0x10 | (asked == Compression.NONE ? PlainKdumpReader.ZLIB : PlainKdumpReader.LZO));
            }
        }
    }
}
