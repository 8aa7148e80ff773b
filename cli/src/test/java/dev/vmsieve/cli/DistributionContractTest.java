// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Every command line that the kdump scripts of Fedora and RHEL (kdump-utils), Debian and Ubuntu (kdump-tools) and SUSE
/// (kdump) issue, called by the name they use, with what they rely on.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DistributionContractTest {
    /// How far behind the end of a stream a device may be read.
    private static final int READ_AHEAD_BYTES = 1 << 20;

    @TempDir
    static Path directory;
    private Path vmcore = Path.of("");
    private Path withoutLog = Path.of("");

    /// What a run left on standard output and standard error, and its exit code.
    private record Run(int code, ByteArrayOutputStream out, String err) {}

    @BeforeAll
    void makeVmcore() throws IOException {
        vmcore = SyntheticKernel.demo(64, 815).write(directory.resolve("vmcore"));
        withoutLog = SyntheticKernel.builder(KernelEra.V6_12).megabytes(64).build().write(directory.resolve("without"));
    }

    /// Runs a line in which VMCORE stands for the vmcore, NOLOG for one whose kernel has no log, and DIR for a new directory.
    private Run run(InputStream in, Path dir, String line) {
        List<String> args = new ArrayList<>();
        for (String word : line.split(" ", -1)) {
            args.add(word.replace("VMCORE", vmcore.toString()).replace("NOLOG", withoutLog.toString()).replace("DIR",
                    dir.toString()));
        }
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = Main.run(args.toArray(String[]::new), in, new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), new Invocation("makedumpfile", Map.of(), false));
        return new Run(code, out, err.toString(StandardCharsets.UTF_8));
    }

    private Run run(Path dir, String line) {
        return run(InputStream.nullInputStream(), dir, line);
    }

    private static Path fresh() throws IOException {
        return Files.createTempDirectory(directory, "127.0.0.1-2026-11-21-11:22:33");
    }

    /// The bytes of the dump that a local run makes with this compression.
    private byte[] localDump(String compression) throws IOException {
        Path dir = fresh();
        assertThat(run(dir, compression + " -d 31 --message-level 0 VMCORE DIR/dump").code()).isZero();
        return Files.readAllBytes(dir.resolve("dump"));
    }

    private byte[] rearranged(InputStream stream) throws IOException {
        Path dir = fresh();
        assertThat(run(stream, dir, "-R DIR/vmcore").code()).isZero();
        return Files.readAllBytes(dir.resolve("vmcore"));
    }

    /// kdumpctl start aborts unless these exit 0; the operands are these words, and no such files exist.
    @ParameterizedTest
    @ValueSource(strings = {"--check-params -l --message-level 7 -d 31 vmcore dumpfile",
            "--check-params -c --message-level 7 -d 31 vmcore dumpfile",
            "--check-params -l --message-level 7 -d 31 -F vmcore",
            "--check-params -F -l --message-level 7 -d 31 vmcore",
            "--check-params -z -d 31,1 --num-threads=4 vmcore dumpfile", "--check-params -E -d 31 vmcore dumpfile"})
    void passesTheCheckOfGoodParametersInSilence(String line) throws IOException {
        Run run = run(fresh(), line);
        assertThat(run.err()).isEmpty();
        assertThat(run.out().size()).isZero();
        assertThat(run.code()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--check-params -l -d 31 -F vmcore dumpfile", "--check-params -l -d 31 vmcore",
            "--check-params -l -d 3l vmcore dumpfile", "--check-params --no-such-option vmcore dumpfile"})
    void failsTheCheckOfBadParameters(String line) throws IOException {
        assertThat(run(fresh(), line).code()).isEqualTo(1);
    }

    /// kdump-utils: path, NFS, virtiofs. The default of x86_64 and of s390x, and with the threads it appends.
    @ParameterizedTest
    @ValueSource(strings = {"-l --message-level 7 -d 31", "-c --message-level 7 -d 31",
            "-l --message-level 7 -d 31 --num-threads=16", "-z -d 31 --num-threads=2"})
    void makesTheDumpOfAPathTarget(String options) throws IOException {
        Path dir = fresh();
        Run run = run(dir, options + " VMCORE DIR//vmcore-incomplete");
        assertThat(run.code()).isZero();
        Path dump = dir.resolve("vmcore-incomplete");
        assertThat(dump).hasBinaryContent(localDump(options.substring(0, 2)));
        assertThat(Files.getPosixFilePermissions(dump)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.check()).isEmpty();
            assertThat(reader.status() & PlainKdumpReader.INCOMPLETE).isZero();
        }
    }

    /// kdump-utils for ssh and raw (-F last), kdump-tools (-F where MAKEDUMP_ARGS has it, and once more at the end unless
    /// they begin with it), SUSE's kdump (-F first, message levels of its verbosity).
    @ParameterizedTest
    @ValueSource(strings = {"-l --message-level 7 -d 31 -F", "-c -d 31 -F", "-F -c -d 31", "-c -F -d 31 -F",
            "-l --num-threads=4 -d 31 -F", "-F -c --message-level 6 -d 31",
            "-F -l --num-threads 32 --message-level 7 -d 31",
            "-F -p --num-threads 4 --message-level 14 -d 31", "-F -z --message-level 15 -d 31"})
    void sendsTheDumpOfAPipeAndNothingElseToStandardOutput(String options) throws IOException {
        Run run = run(fresh(), options + " VMCORE");
        assertThat(run.code()).isZero();
        String compression = List.of("-c", "-p", "-z").stream().filter(options::contains).findFirst().orElse("-l");
        assertThat(rearranged(new ByteArrayInputStream(run.out().toByteArray()))).isEqualTo(localDump(compression));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"0 | ''", "6 | The dumpfile is saved to STDOUT.", "31 | Write bytes"})
    void tellsTheRestOnStandardError(int level, String expected) throws IOException {
        Run run = run(fresh(), "-F -l -d 31 --message-level " + level + " VMCORE");
        assertThat(run.err()).contains(expected);
        assertThat(run.err().isEmpty()).isEqualTo(level == 0);
    }

    /// `makedumpfile -R vmcore < DEVICE`: the device goes on behind the dump, for longer than one would like to wait.
    @Test
    void takesADumpFromADeviceThatGoesOn() throws IOException {
        byte[] stream = run(fresh(), "-l --message-level 7 -d 31 -F VMCORE").out().toByteArray();
        var rest = new Garbage(READ_AHEAD_BYTES);
        assertThat(rearranged(new SequenceInputStream(new ByteArrayInputStream(stream), rest)))
                .isEqualTo(localDump("-l"));
    }

    /// The same on each start of the service, on whatever the device holds.
    @Test
    void findsNoDumpOnOtherDevicesAtOnce() throws IOException {
        Path dir = fresh();
        // A first block of zeros is how kdumpctl marks a device whose dump was taken.
        InputStream taken = new SequenceInputStream(new ByteArrayInputStream(new byte[4096]),
                new Garbage(READ_AHEAD_BYTES));
        for (InputStream device : List.of(taken, new Garbage(READ_AHEAD_BYTES), InputStream.nullInputStream())) {
            Run run = run(device, dir, "-R DIR/vmcore");
            assertThat(run.err()).startsWith("makedumpfile: [STDIN] ").hasLineCount(1);
            assertThat(run.code()).isEqualTo(1);
            assertThat(dir).isEmptyDirectory();
        }
    }

    /// kdump-tools: no level, no message level, a name of its own.
    @Test
    void failsOnALogThatIsNotThere() throws IOException {
        Run run = run(fresh(), "--dump-dmesg NOLOG DIR/dmesg.202611211122");
        assertThat(run.err()).startsWith("makedumpfile: [").hasLineCount(1);
        assertThat(run.code()).isEqualTo(1);
    }

    /// SUSE reads two keys from standard error, whatever becomes of the log.
    @Test
    void tellsReleaseAndTimeOfTheCrashAlongWithTheLog() throws IOException {
        Run run = run(fresh(), "-F --message-level 8 --dump-dmesg NOLOG");
        assertThat(run.err().lines().map(String::strip)).anyMatch(l -> l.matches("OSRELEASE=\\S+"))
                .anyMatch(l -> l.matches("CRASHTIME=[0-9]+"));
        assertThat(run.out().size()).isZero();
    }

    /// Noise without an end, which must not be read further than a pipe reads ahead.
    private static final class Garbage extends InputStream {
        private final SplittableRandom random = new SplittableRandom(42);
        private int left;

        Garbage(int readable) {
            left = readable;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) == 1 ? one[0] & 0xff : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            left -= length;
            assertThat(left).as("bytes that may be read behind the end").isPositive();
            for (int i = offset; i < offset + length; i++) {
                bytes[i] = (byte) random.nextInt();
            }
            return length;
        }
    }
}
