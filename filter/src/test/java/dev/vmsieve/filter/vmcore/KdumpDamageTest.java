// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// Each way in which a page of a kdump-compressed dump can be missing.
class KdumpDamageTest extends KdumpDumps {
    private static final int SIZE_NOTE = PAGE + 56;

    @Test
    void countsLostPagesOfAnIncompleteDump() throws IOException {
        SplitDumpBuilder dump = dump(200).status(INCOMPLETE).lost(198).lost(199);
        try (Vmcore vmcore = open(dump.build()); PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.incomplete()).isTrue();
            assertThat(vmcore.missingPages()).isEqualTo(2);
            assertThat(vmcore.isStored(197)).isTrue();
            assertThat(vmcore.isStored(198)).isFalse();
            assertThat(read(reader, 198 * PAGE, 2 * PAGE, true)).isEqualTo(new byte[2 * PAGE]);
            assertThat(vmcore.unreadablePages()).isZero();
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("the dump is incomplete: 2 of ");
    }

    @Test
    void countsLostPagesOfADumpThatDoesNotSaySo() throws IOException {
        try (Vmcore vmcore = open(dump(200).lost(199).build()); PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.isStored(199)).isTrue();
            assertThat(read(reader, 199 * PAGE, PAGE, true)).isEqualTo(new byte[PAGE]);
            assertThat(vmcore.isStored(199)).isFalse();
            assertThat(vmcore.unreadablePages()).isEqualTo(1);
            assertThat(vmcore.incomplete()).isTrue();
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("page of pfn 199: is missing");
    }

    private void isDamaged(byte[] stored, int flags, String message) throws IOException {
        warnings.list.clear();
        byte[] bytes = dump(200).stored(100, stored, flags).build();
        try (Vmcore vmcore = open(bytes); PageReader reader = vmcore.newReader()) {
            byte[] expected = new byte[3 * PAGE];
            System.arraycopy(contents(99), 0, expected, 0, PAGE);
            System.arraycopy(contents(101), 0, expected, 2 * PAGE, PAGE);
            assertThat(read(reader, 99 * PAGE, 3 * PAGE, true)).isEqualTo(expected);
            assertThat(vmcore.unreadablePages()).isEqualTo(1);
            assertThat(vmcore.isStored(100)).isFalse();
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("pfn 100").contains(message)
                .endsWith("; it is taken for zero, and so is any further page that cannot be read");
    }

    @Test
    void takesDamagedPagesForZeroAndSaysSo() throws IOException {
        isDamaged(new byte[100], 0, "size must be 4096 but was 100");
        isDamaged(new byte[4097], PlainKdumpReader.ZLIB, "size must be 1 to 4096 but was 4097");
        isDamaged(new byte[0], PlainKdumpReader.ZLIB, "size must be 1 to 4096 but was 0");
        for (int method : new int[]{PlainKdumpReader.ZLIB, PlainKdumpReader.LZO, PlainKdumpReader.SNAPPY,
                PlainKdumpReader.ZSTD}) {
            byte[] garbage = new byte[100];
            Arrays.fill(garbage, (byte) 0x5a);
            isDamaged(garbage, method, "at offset 0x");
        }
    }

    @Test
    void takesPagesBehindTheEndOfTheFileForMissing() throws IOException {
        byte[] whole = dump(200).build();
        try (Vmcore vmcore = open(Arrays.copyOf(whole, whole.length - 1)); PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.incomplete()).isTrue();
            assertThat(vmcore.missingPages()).isEqualTo(1);
            assertThat(vmcore.isStored(197)).isTrue();
            assertThat(vmcore.isStored(199)).isFalse();
            assertThat(read(reader, 197 * PAGE, PAGE, true)).isEqualTo(contents(197));
            assertThat(read(reader, 199 * PAGE, PAGE, true)).isEqualTo(new byte[PAGE]);
            assertThat(vmcore.unreadablePages()).isZero();
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("the dump is incomplete: 1 of ");
    }

    /// The last descriptors are those of pages that share their zeroes, and tell nothing of the file's size.
    @Test
    void seesThatAFileIsCutBehindWhichPagesOfZeroesFollow() throws IOException {
        var dump = new SplitDumpBuilder(5000).zeroFirst();
        dump.page(0, PagePattern.TEXT.page(0, SEED), 0).page(1, PagePattern.TEXT.page(1, SEED), 0);
        for (long pfn = 2; pfn < 5000; pfn++) {
            dump.page(pfn, new byte[PAGE], 0);
        }
        byte[] whole = dump.build();
        try (Vmcore vmcore = open(whole)) {
            assertThat(vmcore.incomplete()).isFalse();
        }
        try (Vmcore vmcore = open(Arrays.copyOf(whole, whole.length - 1))) {
            assertThat(vmcore.incomplete()).isTrue();
            assertThat(vmcore.missingPages()).isEqualTo(1);
            assertThat(vmcore.isStored(1)).isFalse();
            assertThat(vmcore.isStored(4999)).isTrue();
        }
    }

    /// Pages of text, each with data of its own, and the dump's file with bytes that cannot be read.
    private FaultyDumpFile faulty(int pages, FaultPlace place) throws IOException {
        var dump = new SplitDumpBuilder(pages);
        for (long pfn = 0; pfn < pages; pfn++) {
            dump.page(pfn, PagePattern.TEXT.page(pfn, SEED), PlainKdumpReader.ZSTD);
        }
        Path path = dump.write(directory.resolve("dump"));
        try (PlainKdumpReader plain = new PlainKdumpReader(path)) {
            long bad = place.of(plain);
            return new FaultyDumpFile(FileDumpFile.open(path), bad, bad + 1);
        }
    }

    private interface FaultPlace {
        long of(PlainKdumpReader dump) throws IOException;
    }

    private void losesOnly(long lost, FaultyDumpFile file, int pages) throws IOException {
        try (Vmcore vmcore = VmcoreOpener.open(file, warnings); PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.incomplete()).isFalse();
            for (long first = 0; first < pages; first += 40) {
                int count = (int) Math.min(40, pages - first);
                byte[] bytes = read(reader, first * PAGE, count * PAGE, true);
                for (int i = 0; i < count; i++) {
                    long pfn = first + i;
                    byte[] expected = pfn == lost ? new byte[PAGE] : PagePattern.TEXT.page(pfn, SEED);
                    assertThat(Arrays.copyOfRange(bytes, i * PAGE, (i + 1) * PAGE)).as("pfn %d", pfn)
                            .isEqualTo(expected);
                    assertThat(vmcore.isStored(pfn)).as("pfn %d", pfn).isEqualTo(pfn != lost);
                }
            }
            assertThat(vmcore.unreadablePages()).isEqualTo(1);
            assertThat(vmcore.incomplete()).isTrue();
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("Input/output error");
    }

    @Test
    void losesOnlyThePageWhoseDataCannotBeRead() throws IOException {
        losesOnly(2101, faulty(4000, dump -> dump.descriptor(2101).offset() + 3), 4000);
    }

    @Test
    void losesOnlyThePageWhoseDescriptorCannotBeRead() throws IOException {
        losesOnly(3501, faulty(4000, dump -> dump.descriptorStart() + 3501 * 24 + 3), 4000);
    }

    @Test
    void losesTheFirstPageAlone() throws IOException {
        losesOnly(0, faulty(4000, dump -> dump.descriptor(0).offset()), 4000);
    }

    @Test
    void survivesAnyHeaders() throws IOException {
        byte[] whole = dump(60).build();
        for (long seed = 0; seed < 100; seed++) {
            var random = new SplittableRandom(seed);
            ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i <= random.nextInt(3); i++) {
                int at = random.nextBoolean() ? 400 + random.nextInt(64) : 4096 + random.nextInt(104);
                int value = random.nextBoolean() ? 1 << random.nextInt(32) : random.nextInt();
                bytes.putInt(Math.min(at & ~3, whole.length - 4), value);
            }
            try (Vmcore vmcore = open(bytes.array()); PageReader reader = vmcore.newReader()) {
                read(reader, 0, 60 * PAGE, true);
                vmcore.isStored(59);
            } catch (DumpException refused) {
                assertThat(refused).as("seed %d", seed).hasMessageStartingWith("[" + directory);
            }
        }
    }

    @Test
    void refusesMoreNotesThanThereCanBeWithoutADriversDump() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(dump(100).build()).order(ByteOrder.LITTLE_ENDIAN);
        long claimed = (64 << 20) + 4;
        Path file = file("dump", bytes.putLong(SIZE_NOTE, claimed).array());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), 2 * claimed);
        }
        assertThatThrownBy(() -> VmcoreOpener.open(file, new OpenOptions(true), warnings))
                .isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("kdump sub header: size_note must be at most 67108864 but was 67108868");
    }

    @Test
    void cutsTheNotesBehindTheLastGoodOne() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(dump(100).build()).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer sound;
        try (Vmcore vmcore = open(bytes.array())) {
            sound = vmcore.notes();
        }
        bytes.putLong(SIZE_NOTE, bytes.getLong(SIZE_NOTE) + 20_000);
        try (Vmcore vmcore = open(bytes.array())) {
            assertThat(vmcore.notes()).isEqualTo(sound);
        }
    }

    @Test
    void readsWhatADumpHasThatIsCutInsideItsDescriptors() throws IOException {
        byte[] whole = dump(1500).build();
        int start;
        int descriptors;
        try (PlainKdumpReader reader = new PlainKdumpReader(file("whole", whole))) {
            start = (int) reader.descriptorStart();
            descriptors = (int) reader.dumpedPages();
        }
        for (int there : new int[]{0, 1, 700, descriptors - 1}) {
            warnings.list.clear();
            try (Vmcore vmcore = open(Arrays.copyOf(whole, start + there * 24 + 7));
                    PageReader reader = vmcore.newReader()) {
                assertThat(vmcore.incomplete()).isTrue();
                assertThat(vmcore.missingPages()).isEqualTo(descriptors);
                assertThat(read(reader, PAGE, PAGE, true)).isEqualTo(new byte[PAGE]);
                assertThat(vmcore.isStored(1)).isFalse();
                assertThat(vmcore.unreadablePages()).isZero();
            }
            assertThat(warnings.list).hasSize(1).first().asString()
                    .contains("the dump is incomplete: " + descriptors + " of " + descriptors + " pages are missing");
        }
    }

    @Test
    void readsTheOtherPartsWhereOneIsCutInsideItsDescriptors() throws IOException {
        SplitDumpBuilder dump = dump(200);
        Path first = file("a", dump.part(0, 64));
        Path second = file("b", dump.part(64, 200));
        try (PlainKdumpReader reader = new PlainKdumpReader(second)) {
            Files.write(second, Arrays.copyOf(Files.readAllBytes(second), (int) reader.descriptorStart() + 100));
        }
        try (Vmcore vmcore = openSplit(List.of(first, second)); PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.incomplete()).isTrue();
            assertThat(read(reader, PAGE, PAGE, true)).isEqualTo(contents(1));
            assertThat(vmcore.isStored(1)).isTrue();
            assertThat(vmcore.isStored(65)).isFalse();
        }
    }
}
