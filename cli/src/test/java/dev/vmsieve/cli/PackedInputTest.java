// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.fixtures.SyntheticKernel;

/// Inputs that are compressed as a whole, and pipes, as a user types them.
class PackedInputTest {
    @TempDir
    private Path directory;

    private Path vmcore() throws IOException {
        return SyntheticKernel.demo(64, 4712).write(directory.resolve("vmcore"));
    }

    private Path gzip(Path plain) throws IOException {
        Path packed = directory.resolve("packed-without-a-suffix");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            Files.copy(plain, out);
        }
        return packed;
    }

    private Path dumpOf(Path input, String name, String... more) {
        Path output = directory.resolve(name);
        String[] options = Arrays.copyOf(new String[]{"-l", "-d", "31", input.toString(), output.toString()},
                5 + more.length);
        System.arraycopy(more, 0, options, 5, more.length);
        Cli run = Cli.run(options);
        assertThat(run.code()).as(run.err()).isZero();
        return output;
    }

    @Test
    void aPackedInputMakesTheSameDump() throws IOException {
        Path vmcore = vmcore();
        Path work = Files.createDirectory(directory.resolve("work"));
        Path plain = dumpOf(vmcore, "plain");
        assertThat(dumpOf(gzip(vmcore), "from-gzip", "--work-dir", work.toString())).hasSameBinaryContentAs(plain);
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void aPipeMakesTheSameDump() throws Exception {
        Path vmcore = vmcore();
        Path plain = dumpOf(vmcore, "plain");
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        Process writer = new ProcessBuilder("sh", "-c", "cat \"$0\" > \"$1\"", vmcore.toString(), fifo.toString())
                .start();
        assertThat(dumpOf(fifo, "from-fifo", "--work-dir", directory.toString())).hasSameBinaryContentAs(plain);
        assertThat(writer.waitFor()).isZero();
    }

    @Test
    void aPackedInputThatIsCutOffIsToldInOneLine() throws IOException {
        Path packed = gzip(vmcore());
        byte[] bytes = Files.readAllBytes(packed);
        Files.write(packed, Arrays.copyOf(bytes, bytes.length / 2));
        Cli run = Cli.run("--message-level", "4", "--work-dir", directory.toString(), packed.toString(),
                directory.resolve("dump").toString());
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("[" + packed
                + "] gzip data: must be sound to its end but is damaged or cut off at or before offset 0x"
                + Integer.toHexString(bytes.length / 2));
        assertThat(directory.resolve("dump")).doesNotExist();
    }
}
