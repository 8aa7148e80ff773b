// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

import org.junit.jupiter.api.Test;

import dev.vmsieve.collector.rework.IncompleteFileException.Reason;
import dev.vmsieve.fixtures.FlattenedStream;

/// Files and devices that a stream is rearranged to.
class RearrangedFileTest extends Rearranging {
    private static final byte OLD = 0x5a;

    private static RearrangePlan overwriting(Path file) {
        return new RearrangePlan(file, true, false, RearrangePlan.NO_LIMIT, RearrangedFileTest::lost);
    }

    private static void lost(IOException failure) {
        throw new AssertionError(failure);
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
        Rearranger.rearrange(overwriting(out), "stdin",
                new FlattenedStream().record(0, FlattenedStream.elfHeader()).end().channel(), progress);
        assertThat(Files.readAllBytes(out)).isEqualTo(FlattenedStream.elfHeader());
    }

    @Test
    void leavesAnExistingFileAloneWhenTheStreamIsNone() throws IOException {
        Files.writeString(out, "precious");
        assertThatThrownBy(() -> Rearranger.rearrange(overwriting(out), "stdin",
                new FlattenedStream().numbers(-3, 0).channel(), progress)).isInstanceOf(IOException.class);
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
        assertThatThrownBy(() -> Rearranger.rearrange(overwriting(out), "stdin",
                new FlattenedStream().record(0, FlattenedStream.elfHeader()).end().channel(), progress))
                .isInstanceOf(FileSystemException.class).isNotInstanceOf(IncompleteFileException.class)
                .hasMessageContaining("Is a directory");
    }

    @Test
    void stopsAtTheSizeLimitAndMarks() throws IOException {
        IncompleteFileException failure = catchThrowableOfType(IncompleteFileException.class,
                () -> Rearranger.rearrange(new RearrangePlan(out, false, false, 1000, RearrangedFileTest::lost),
                        "stdin",
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
                new RearrangePlan(out, false, true, RearrangePlan.NO_LIMIT, RearrangedFileTest::lost),
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
                () -> Rearranger.rearrange(overwriting(full), "stdin",
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
            Rearranger.rearrange(overwriting(out), "stdin",
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
                    () -> Rearranger.rearrange(overwriting(out), "stdin",
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
}
