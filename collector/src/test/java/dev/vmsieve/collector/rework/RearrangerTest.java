// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.collector.rework.IncompleteFileException.Reason;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.FlattenedStream;

/// Rearranging: what comes out of sound streams, and what is left of broken ones.
class RearrangerTest {
    private static final int STATUS = 424;
    private static final int ELF_FLAGS = 48;
    private static final byte OLD = 0x5a;

    @TempDir
    Path directory;
    private Path out = Path.of("");
    private final List<String> warnings = new ArrayList<>();

    private final Progress progress = Progress.warnings(warnings::add);

    @BeforeEach
    void nameTheOutput() {
        out = directory.resolve("dump");
    }

    private RearrangeReport rearrange(FlattenedStream stream) throws IOException {
        return Rearranger.rearrange(RearrangePlan.of(out), "stdin", stream.channel(), progress);
    }

    private IncompleteFileException fails(FlattenedStream stream) {
        IncompleteFileException failure = catchThrowableOfType(IncompleteFileException.class, () -> rearrange(stream));
        assertThat(failure).isNotNull();
        return failure;
    }

    private int wordAt(int offset) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void putsEveryRecordWhereItBelongs() throws IOException {
        byte[] expected = Arrays.copyOf(FlattenedStream.kdumpHeader(), 5003);
        System.arraycopy(text("abc"), 0, expected, 5000, 3);
        System.arraycopy(text("de"), 0, expected, 1000, 2);
        RearrangeReport report = rearrange(new FlattenedStream().record(5000, text("abc"))
                .record(0, FlattenedStream.kdumpHeader()).record(1000, text("de")).end());
        assertThat(Files.readAllBytes(out)).isEqualTo(expected);
        assertThat(report).isEqualTo(new RearrangeReport(3, 469, 5003));
        assertThat(warnings).isEmpty();
    }

    @Test
    void makesTheFileForItsOwnerAlone() throws IOException {
        rearrange(new FlattenedStream().record(0, FlattenedStream.elfHeader()).end());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out))).isEqualTo("rw-------");
    }

    @Test
    void letsALaterRecordReplaceAnEarlierOne() throws IOException {
        rearrange(new FlattenedStream().record(0, FlattenedStream.elfHeader()).record(100, text("earlier"))
                .record(102, text("later")).end());
        assertThat(new String(Files.readAllBytes(out), StandardCharsets.ISO_8859_1)).endsWith("ealater");
    }

    @Test
    void keepsHolesAsHoles() throws IOException {
        long far = 1L << 42;
        rearrange(new FlattenedStream().record(0, FlattenedStream.elfHeader()).record(far, text("end")).end());
        assertThat(Files.size(out)).isEqualTo(far + 3);
    }

    @Test
    void skipsEmptyRecords() throws IOException {
        RearrangeReport report = rearrange(new FlattenedStream().numbers(1 << 20, 0)
                .record(0, FlattenedStream.elfHeader()).numbers(7, 0).end());
        assertThat(report).isEqualTo(new RearrangeReport(1, 64, 64));
    }

    @Test
    void ignoresWhatFollowsTheEndRecord() throws IOException {
        rearrange(new FlattenedStream().record(0, FlattenedStream.elfHeader()).end().record(-7, text("garbage")));
        assertThat(Files.readAllBytes(out)).isEqualTo(FlattenedStream.elfHeader());
    }

    @Test
    void doesNotWaitForMoreAfterTheEndRecord() throws IOException {
        ByteBuffer stream = ByteBuffer
                .wrap(new FlattenedStream().record(0, FlattenedStream.elfHeader()).end().bytes());
        var source = new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) {
                if (!stream.hasRemaining()) {
                    throw new AssertionError("read past the end record");
                }
                target.put(stream.get());
                return 1;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        Rearranger.rearrange(RearrangePlan.of(out), "stdin", source, progress);
        assertThat(Files.readAllBytes(out)).isEqualTo(FlattenedStream.elfHeader());
    }

    @Test
    void warnsOfAnEndRecordWithASize() throws IOException {
        rearrange(new FlattenedStream().record(0, FlattenedStream.elfHeader()).numbers(-1, 12));
        assertThat(warnings).containsExactly(
                "[stdin] flattened stream: size of the end record must be -1 but was 12 (offset 0x1058)");
    }

    @Test
    void rearrangesShuffledRecordsOfAnySize() throws IOException {
        long seed = 0x5eed;
        var random = new SplittableRandom(seed);
        byte[] expected = new byte[5_000_000];
        random.nextBytes(expected);
        System.arraycopy(FlattenedStream.kdumpHeader(), 0, expected, 0, 464);
        List<int[]> pieces = new ArrayList<>();
        int at = 0;
        while (at < expected.length) {
            int length = Math.min(expected.length - at, 1 + random.nextInt(random.nextInt(10) == 0 ? 2_000_000 : 9000));
            pieces.add(new int[]{at, length});
            at += length;
        }
        Collections.shuffle(pieces, new Random(seed));
        var stream = new FlattenedStream();
        for (int[] piece : pieces) {
            stream.record(piece[0], Arrays.copyOfRange(expected, piece[0], piece[0] + piece[1]));
        }
        RearrangeReport report = rearrange(stream.end());
        assertThat(Arrays.equals(Files.readAllBytes(out), expected)).as("seed %#x", seed).isTrue();
        assertThat(report.records()).isEqualTo(pieces.size());
    }

    @Test
    void leavesNoFileWhenTheSignatureIsWrong() {
        byte[] garbage = new byte[10_000];
        new SplittableRandom(1).nextBytes(garbage);
        assertThatThrownBy(() -> Rearranger.rearrange(RearrangePlan.of(out), "stdin",
                Channels.newChannel(new ByteArrayInputStream(garbage)), progress))
                .isInstanceOf(CorruptDumpException.class)
                .hasMessageStartingWith("[stdin] flattened header: signature must be \"makedumpfile\" but was");
        assertThat(out).doesNotExist();
    }

    @Test
    void leavesNoFileWhenTheStreamIsEmpty() {
        assertThatThrownBy(() -> Rearranger.rearrange(RearrangePlan.of(out), "stdin",
                Channels.newChannel(new ByteArrayInputStream(new byte[0])), progress))
                .hasMessageContaining("but was nothing");
        assertThat(out).doesNotExist();
    }

    @Test
    void leavesNoFileWhenTheFirstRecordIsDamaged() {
        assertThatThrownBy(() -> rearrange(new FlattenedStream().numbers(-5, 1)))
                .isInstanceOf(CorruptDumpException.class)
                .hasMessage("[stdin] flattened record: offset must not be negative but was -5 (offset 0x1000)");
        assertThat(out).doesNotExist();
    }

    @Test
    void failsAtTheEndOfInputAndMarksAKdumpFile() throws IOException {
        IncompleteFileException failure = fails(
                new FlattenedStream().record(0, FlattenedStream.kdumpHeader()).record(4096, text("abc")));
        assertThat(failure)
                .hasMessage("[stdin] flattened stream: ends without an end record, where record 2 should begin"
                        + " (offset 0x11f3); [" + out + "] holds what came before, and is marked incomplete");
        assertThat(failure.reason()).isEqualTo(Reason.INPUT);
        assertThat(wordAt(STATUS)).isEqualTo(1 | 8);
    }

    @Test
    void failsWithinDataAndMarksAnElfFile() throws IOException {
        IncompleteFileException failure = fails(new FlattenedStream().record(0, FlattenedStream.elfHeader())
                .numbers(4096, 100).raw(text("short")));
        assertThat(failure)
                .hasMessage("[stdin] flattened stream: ends without an end record, within the data of record 1"
                        + " (5 of 100 bytes for offset 0x1000) (offset 0x1065); [" + out
                        + "] holds what came before, and is marked incomplete");
        assertThat(wordAt(ELF_FLAGS)).isEqualTo(1);
        assertThat(Files.size(out)).isEqualTo(4101);
    }

    @Test
    void saysThatAFileWithoutHeaderCannotBeMarked() {
        assertThat(fails(new FlattenedStream().record(4096, text("abc"))))
                .hasMessageEndingWith("; [" + out + "] is incomplete, and too short to be marked so");
    }

    @Test
    void failsCleanlyOnEveryPrefix() {
        byte[] whole = new FlattenedStream().record(0, FlattenedStream.kdumpHeader()).record(600, text("abc")).end()
                .bytes();
        for (int length = 4090; length < whole.length; length++) {
            byte[] prefix = Arrays.copyOf(whole, length);
            Path file = directory.resolve("prefix" + length);
            assertThatThrownBy(() -> Rearranger.rearrange(RearrangePlan.of(file), "stdin",
                    Channels.newChannel(new ByteArrayInputStream(prefix)), progress))
                    .as("prefix of %d bytes", length).isInstanceOf(IOException.class)
                    .hasMessageStartingWith("[stdin] flattened ");
            assertThat(Files.exists(file)).as("file of prefix %d", length).isEqualTo(length > 4096 + 16);
        }
    }

    @Test
    void takesTheMarkOffWhateverTheOrderOfRecords() throws IOException {
        byte[] header = FlattenedStream.kdumpHeader();
        rearrange(new FlattenedStream().record(420, Arrays.copyOfRange(header, 420, 464))
                .record(0, Arrays.copyOf(header, 420)).record(STATUS, new byte[]{4, 0, 0, 0}).end());
        assertThat(wordAt(STATUS)).isEqualTo(4);
    }

    @Test
    void keepsTheMarkOfADumpThatWasIncompleteBefore() throws IOException {
        byte[] header = FlattenedStream.kdumpHeader();
        header[STATUS] = 0xa;
        rearrange(new FlattenedStream().record(0, header).end());
        assertThat(wordAt(STATUS)).isEqualTo(0xa);
    }

    @Test
    void rejectsAStreamWithoutTheDumpHeader() throws IOException {
        IncompleteFileException failure = fails(
                new FlattenedStream().record(0, new byte[20]).record(21, new byte[100]).end());
        assertThat(failure).hasMessageStartingWith("[stdin] flattened stream: no record covers the dump header,"
                + " byte 20 of the dump file is missing");
    }

    @Test
    void rejectsAStreamWithoutAnyRecord() {
        assertThatThrownBy(() -> rearrange(new FlattenedStream().end())).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("no record covers the dump header");
        assertThat(out).doesNotExist();
    }

    @Test
    void refusesAnExistingFileBeforeItReads() throws IOException {
        Files.writeString(out, "precious");
        assertThatThrownBy(() -> rearrange(new FlattenedStream().end()))
                .isInstanceOf(FileAlreadyExistsException.class).hasMessageContaining("File exists");
        assertThat(out).hasContent("precious");
    }

    @Test
    void overwritesAnExistingFileWhenTold() throws IOException {
        Files.write(out, new byte[100_000]);
        Rearranger.rearrange(new RearrangePlan(out, true, false, RearrangePlan.NO_LIMIT, RearrangerTest::lost), "stdin",
                new FlattenedStream().record(0, FlattenedStream.elfHeader()).end().channel(), progress);
        assertThat(Files.readAllBytes(out)).isEqualTo(FlattenedStream.elfHeader());
    }

    @Test
    void leavesAnExistingFileAloneWhenTheStreamIsNone() throws IOException {
        Files.writeString(out, "precious");
        assertThatThrownBy(() -> Rearranger.rearrange(
                new RearrangePlan(out, true, false, RearrangePlan.NO_LIMIT, RearrangerTest::lost),
                "stdin", new FlattenedStream().numbers(-3, 0).channel(), progress)).isInstanceOf(IOException.class);
        assertThat(out).hasContent("precious");
    }

    @Test
    void noticesAMissingDirectoryFirst() {
        Path lost = directory.resolve("no").resolve("dump");
        assertThatThrownBy(() -> Rearranger.rearrange(RearrangePlan.of(lost), "stdin", new FlattenedStream().channel(),
                progress)).isInstanceOf(NoSuchFileException.class).hasMessageContaining("no directory");
    }

    @Test
    void saysSoWhenTheFileCannotBeMade() throws IOException {
        Files.createDirectory(out);
        assertThatThrownBy(() -> Rearranger.rearrange(
                new RearrangePlan(out, true, false, RearrangePlan.NO_LIMIT, RearrangerTest::lost),
                "stdin", new FlattenedStream().record(0, FlattenedStream.elfHeader()).end().channel(), progress))
                .isInstanceOf(FileSystemException.class).isNotInstanceOf(IncompleteFileException.class)
                .hasMessageContaining("Is a directory");
    }

    @Test
    void stopsAtTheSizeLimitAndMarks() throws IOException {
        IncompleteFileException failure = catchThrowableOfType(IncompleteFileException.class,
                () -> Rearranger.rearrange(new RearrangePlan(out, false, false, 1000, RearrangerTest::lost), "stdin",
                        new FlattenedStream().record(0, FlattenedStream.kdumpHeader()).record(990, new byte[20]).end()
                                .channel(),
                        progress));
        assertThat(failure).hasMessage("[" + out + "] the size limit of 1000 bytes is reached; [" + out
                + "] holds what came before, and is marked incomplete");
        assertThat(failure.reason()).isEqualTo(Reason.SIZE_LIMIT);
        assertThat(Files.size(out)).isEqualTo(1000);
        assertThat(wordAt(STATUS)).isEqualTo(9);
    }

    @Test
    void writesNothingInADryRun() throws IOException {
        RearrangeReport report = Rearranger.rearrange(
                new RearrangePlan(out, false, true, RearrangePlan.NO_LIMIT, RearrangerTest::lost),
                "stdin", new FlattenedStream().record(8192, new byte[10]).record(0, FlattenedStream.elfHeader()).end()
                        .channel(),
                progress);
        assertThat(report.fileBytes()).isEqualTo(8202);
        assertThat(out).doesNotExist();
    }

    @Test
    void saysThatTheDeviceIsFull() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full));
        IncompleteFileException failure = catchThrowableOfType(IncompleteFileException.class,
                () -> Rearranger.rearrange(
                        new RearrangePlan(full, true, false, RearrangePlan.NO_LIMIT, RearrangerTest::lost), "stdin",
                        new FlattenedStream().record(0, FlattenedStream.elfHeader()).end().channel(), progress));
        assertThat(failure.reason()).isEqualTo(Reason.NO_SPACE);
    }

    /// A block device of 1 MiB full of old bytes; making one takes root.
    private Path device() throws IOException, InterruptedException {
        byte[] old = new byte[1 << 20];
        Arrays.fill(old, OLD);
        Path image = Files.write(directory.resolve("image"), old);
        Path name = directory.resolve("name");
        int status = new ProcessBuilder("sh", "-c", "losetup -f --show \"$0\"", image.toString())
                .redirectOutput(name.toFile()).start().waitFor();
        assumeTrue(status == 0, "no loop device");
        return Path.of(Files.readString(name).strip());
    }

    private static void free(Path device) throws IOException, InterruptedException {
        new ProcessBuilder("losetup", "-d", device.toString()).inheritIO().start().waitFor();
    }

    @Test
    void writesToABlockDeviceAndZeroesItsGaps() throws Exception {
        out = device();
        try {
            Rearranger.rearrange(new RearrangePlan(out, true, false, RearrangePlan.NO_LIMIT, RearrangerTest::lost),
                    "stdin",
                    new FlattenedStream().record(0, FlattenedStream.kdumpHeader()).record(40_000, text("abc"))
                            .record(9_000, text("def")).end().channel(),
                    progress);
            byte[] expected = Arrays.copyOf(FlattenedStream.kdumpHeader(), 40_003);
            System.arraycopy(text("abc"), 0, expected, 40_000, 3);
            System.arraycopy(text("def"), 0, expected, 9_000, 3);
            byte[] found = Files.readAllBytes(out);
            assertThat(Arrays.copyOf(found, expected.length)).isEqualTo(expected);
            assertThat(Arrays.copyOfRange(found, expected.length, found.length)).containsOnly(OLD);
        } finally {
            free(out);
        }
    }

    @Test
    void marksWhatABlockDeviceThatIsTooSmallTook() throws Exception {
        out = device();
        try {
            IncompleteFileException failure = catchThrowableOfType(IncompleteFileException.class,
                    () -> Rearranger.rearrange(
                            new RearrangePlan(out, true, false, RearrangePlan.NO_LIMIT, RearrangerTest::lost),
                            "stdin",
                            new FlattenedStream().record(0, FlattenedStream.kdumpHeader())
                                    .record(1L << 40, text("abc")).end().channel(),
                            progress));
            assertThat(failure.reason()).isEqualTo(Reason.NO_SPACE);
            assertThat(failure).hasMessageContaining("No space left on device")
                    .hasMessageEndingWith("is marked incomplete");
            assertThat(wordAt(STATUS)).isEqualTo(9);
        } finally {
            free(out);
        }
    }

    /// Whoever feeds a raw device feeds all of it.
    @Test
    void readsNoFurtherThanTheEndRecordOfARawDevice() throws Exception {
        Path source = device();
        try {
            byte[] stream = new FlattenedStream().record(0, FlattenedStream.kdumpHeader()).end().bytes();
            Files.write(source, stream, StandardOpenOption.WRITE);
            try (FileChannel in = FileChannel.open(source)) {
                Rearranger.rearrange(RearrangePlan.of(out), "stdin", in, progress);
            }
            assertThat(Files.readAllBytes(out)).isEqualTo(FlattenedStream.kdumpHeader());
            assertThat(warnings).isEmpty();
        } finally {
            free(source);
        }
    }

    private static void lost(IOException failure) {
        throw new AssertionError(failure);
    }
}
