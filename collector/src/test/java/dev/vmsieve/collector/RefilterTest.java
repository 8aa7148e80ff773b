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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.collector.rework.RearrangePlan;
import dev.vmsieve.collector.rework.Rearranger;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// Pages of a dump that is filtered again are copied as they are stored.
class RefilterTest extends RefilterRuns {
    @ParameterizedTest
    @EnumSource
    void copiesPagesWhoseMethodStays(Compression method) throws IOException {
        Path input = compressedBy(method);
        for (Compression asked : List.of(Compression.NONE, method)) {
            Run again = refilter(input, asked);
            holdsWhatRecompressingWould(again, input, asked);
            try (PlainKdumpReader before = new PlainKdumpReader(input);
                    PlainKdumpReader after = new PlainKdumpReader(again.file())) {
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
                assertThat(again.file()).hasSameBinaryContentAs(recompress(input, asked).file());
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
                PlainKdumpReader after = new PlainKdumpReader(again.file())) {
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
                    assertThat(run(vmcore, plan).file()).as("threads %d, batchPages %d", threads, batchPages)
                            .hasSameBinaryContentAs(first.file());
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
                    assertThat(run(vmcore, plan).report()).usingRecursiveComparison().ignoringFields("nanos", "times")
                            .isEqualTo(real.report());
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
        assertThat(rearranged).hasSameBinaryContentAs(direct.file());
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
        byte[] bytes = Files.readAllBytes(inOrder.file());
        Path other;
        try (PlainKdumpReader reader = new PlainKdumpReader(input)) {
            other = write("reversed", reversed(dump, reader));
        }
        assertThat(Files.readAllBytes(refilter(other, asked).file())).isEqualTo(bytes);
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
        Path expected = refilter(apart.write(folder.resolve("apart")), Compression.NONE).file();
        byte[] bytes = Files.readAllBytes(expected);
        ByteBuffer together = ByteBuffer.wrap(apart.build()).order(ByteOrder.LITTLE_ENDIAN);
        int descriptors = 4 * PAGE;
        int data = descriptors + 20 * DESCRIPTOR_BYTES;
        together.put(data, wide);
        for (int pfn = 0; pfn < 20; pfn++) {
            together.putLong(descriptors + pfn * DESCRIPTOR_BYTES, data + pfn / 2 * 64);
        }
        Path input = write("together", together.array());
        assertThat(Files.readAllBytes(refilter(input, Compression.NONE).file())).isEqualTo(bytes);
        holdsWhatRecompressingWould(refilter(input, Compression.NONE), input, Compression.NONE);
    }

    @Test
    void readsThePartsOfASplitDump() throws IOException {
        Path whole = refilter(mixed().write(folder.resolve("mixed")), Compression.NONE).file();
        List<Path> parts = List.of(write("c", mixed().part(2048, PFNS)), write("a", mixed().part(0, 1024)),
                write("b", mixed().part(1024, 2048)));
        try (Vmcore vmcore = VmcoreOpener.openSplit(parts, new OpenOptions(true), Progress.NONE)) {
            Run again = run(vmcore, CollectPlan.of(folder.resolve("joined"), Compression.NONE).withThreads(2));
            assertThat(again.file()).hasSameBinaryContentAs(whole);
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
}
