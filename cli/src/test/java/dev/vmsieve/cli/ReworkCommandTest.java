// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.SyntheticKernel;

/// `-R`, `--reassemble`, `--dump-dmesg` and filtering again, as a user types them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReworkCommandTest {
    private static final int START_BLOCK_BYTES = 4096;
    private static final int RECORD_BYTES = 64 << 10;

    @TempDir
    static Path directory;
    private Path vmcore = Path.of("");
    private Path dump = Path.of("");

    @BeforeAll
    void makeDump() throws IOException {
        vmcore = SyntheticKernel.demo(64, 4712).write(directory.resolve("vmcore"));
        dump = directory.resolve("dump");
        assertThat(Cli.run("-l", "-d", "31", "--message-level", "0", vmcore.toString(), dump.toString()).code())
                .isZero();
    }

    private Path fresh(String name) throws IOException {
        return Files.createTempDirectory(directory, "run").resolve(name);
    }

    /// The file as a flattened stream, made by hand.
    private static byte[] flattened(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        var stream = new ByteArrayOutputStream();
        var out = new DataOutputStream(stream);
        out.write(Arrays.copyOf("makedumpfile".getBytes(StandardCharsets.US_ASCII), 16));
        out.writeLong(1);
        out.writeLong(1);
        out.write(new byte[START_BLOCK_BYTES - out.size()]);
        for (int at = 0; at < bytes.length; at += RECORD_BYTES) {
            int length = Math.min(RECORD_BYTES, bytes.length - at);
            out.writeLong(at);
            out.writeLong(length);
            out.write(bytes, at, length);
        }
        out.writeLong(-1);
        out.writeLong(-1);
        return stream.toByteArray();
    }

    @Test
    void sendsADumpDownStandardOutputAndNothingElse() throws IOException {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = Main.run(new String[]{"-F", "-l", "-d", "31", "-F", vmcore.toString()},
                InputStream.nullInputStream(),
                new PrintStream(out, false, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8),
                new Invocation("vmsieve", Map.of(), false));
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("The dumpfile is saved to STDOUT.")
                .endsWith("vmsieve Completed.\n");
        assertThat(code).isZero();
        Path output = fresh("dump");
        assertThat(Cli.runWith(new ByteArrayInputStream(out.toByteArray()), "-R", output.toString()).code()).isZero();
        assertThat(output).hasSameBinaryContentAs(dump);
    }

    @Test
    void rearrangesStandardInput() throws IOException {
        Path output = fresh("dump");
        Cli run = Cli.runWith(new ByteArrayInputStream(flattened(dump)), "-R", output.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("\nThe dumpfile is saved to " + output + ".\n\nvmsieve Completed.\n");
        assertThat(run.code()).isZero();
        assertThat(output).hasSameBinaryContentAs(dump);
        assertThat(Files.getPosixFilePermissions(output)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void leavesNothingOfGarbageAndSaysSo() throws IOException {
        Path output = fresh("dump");
        Cli run = Cli.runWith(
                new ByteArrayInputStream("no dump at all".repeat(1000).getBytes(StandardCharsets.US_ASCII)),
                "-R", output.toString());
        run.fails("[STDIN]");
        assertThat(output).doesNotExist();
    }

    @Test
    void marksAStreamThatWasCutShort() throws IOException {
        byte[] whole = flattened(dump);
        Path output = fresh("dump");
        Cli.runWith(new ByteArrayInputStream(whole, 0, whole.length / 2), "-R", output.toString())
                .fails("marked incomplete");
        assertThat(output).exists();
    }

    @Test
    void doesNotOverwriteWithoutBeingTold() throws IOException {
        Path output = fresh("dump");
        Files.writeString(output, "precious");
        Cli.runWith(InputStream.nullInputStream(), "-R", output.toString()).fails("File exists");
        Cli.run("--dump-dmesg", vmcore.toString(), output.toString()).fails("File exists");
        assertThat(output).hasContent("precious");
    }

    @Test
    void saysWhichKeyIsMissingForTheLog() throws IOException {
        Path output = fresh("log");
        Path without = SyntheticKernel.builder(KernelEra.V6_12).megabytes(64).build().write(fresh("without"));
        Cli.run("--dump-dmesg", without.toString(), output.toString()).fails("SYMBOL(prb)");
    }

    @Test
    void filtersADumpAgainAndKeepsItsLevel() throws IOException {
        Path full = fresh("full");
        Path again = fresh("again");
        assertThat(Cli.run("-d", "1", "--message-level", "0", vmcore.toString(), full.toString()).code()).isZero();
        Cli run = Cli.run("-l", "-d", "30", "--message-level", "0", full.toString(), again.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(again).hasSameBinaryContentAs(dump);
    }
}
