// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SyntheticKernel;

/// What only a process of its own shows: signals, and disks that are full.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProcessTest {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    static Path directory;
    private Path vmcore = Path.of("");

    @BeforeAll
    void makeVmcore() throws IOException {
        vmcore = SyntheticKernel.demo(256, 7).write(Files.createTempDirectory(directory, "made").resolve("vmcore"));
    }

    private Process start(Path err, String... args) throws IOException {
        return start(List.of(), err, args);
    }

    private Process start(List<String> wrapper, Path err, String... args) throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(
                // Whoever runs the tests may have signals ignored, as a shell has for its background jobs.
                List.of("env", "--default-signal", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1", "-Xmx128m", "-XX:MaxDirectMemorySize=1g",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djdk.util.jar.enableMultiRelease=false", "-cp", System.getProperty("java.class.path"),
                        "dev.vmsieve.cli.Main"));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("JAVA") || name.startsWith("_JAVA"));
        return builder.start();
    }

    @ParameterizedTest
    @CsvSource({"TERM,143", "INT,130", "HUP,129"})
    void leavesAMarkedDumpWhenASignalEndsIt(String signal, int status) throws IOException, InterruptedException {
        Path dump = directory.resolve("dump-" + signal);
        Path err = directory.resolve("err-" + signal);
        // One slow thread: there is time for the signal.
        Process process = start(err, "-c", "-d", "0", "--num-threads", "1", "--message-level", "4", vmcore.toString(),
                dump.toString());
        awaitMegabytes(process, dump, 2);
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("ends by " + signal).isTrue();
        assertThat(process.exitValue()).isEqualTo(status);
        assertThat(Files.readString(err)).startsWith("vmsieve: Interrupted by a signal: [" + dump + "] ")
                .contains("marked incomplete").hasLineCount(1);
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
            assertThat(reader.check()).allSatisfy(problem -> assertThat(problem).doesNotContain("beyond"));
        }
    }

    @Test
    void leavesMarkedPartsWhenASignalEndsIt() throws IOException, InterruptedException {
        List<Path> parts = List.of(directory.resolve("part1"), directory.resolve("part2"));
        Path err = directory.resolve("err-parts");
        Process process = start(err, "--split", "-c", "-d", "0", "--num-threads", "1", "--message-level", "4",
                vmcore.toString(), parts.get(0).toString(), parts.get(1).toString());
        awaitMegabytes(process, parts.get(0), 2);
        new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(Files.readString(err)).startsWith("vmsieve: Interrupted by a signal: [" + parts.get(0) + "] ")
                .contains("all 2 parts are marked incomplete").hasLineCount(1);
        for (Path part : parts) {
            try (PlainKdumpReader reader = new PlainKdumpReader(part)) {
                assertThat(reader.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
                assertThat(reader.check()).isEmpty();
            }
        }
    }

    /// A terminal after Ctrl-S, or a pipe that nobody reads: what is said to it waits for ever.
    @ParameterizedTest
    @CsvSource({"copying", "complete"})
    void endsByASignalThoughTheConsoleIsStalled(String when) throws IOException, InterruptedException {
        Path fifo = directory.resolve("stalled-" + when);
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        Path dump = directory.resolve("dump-stalled-" + when);
        List<String> line = when.equals("copying") ? List.of("-c", "-d", "0") : List.of("-l", "-d", "31");
        List<String> args = new ArrayList<>(line);
        args.addAll(List.of("--num-threads", "1", "--message-level", "23", vmcore.toString(), dump.toString()));
        Process process = start(
                List.of("sh", "-c", "exec 3<>\"$0\"; dd if=/dev/zero bs=65536 count=1 >&3 2>/dev/null;"
                        + " exec \"$@\" >&3 2>&3", fifo.toString()),
                directory.resolve("err-stalled-" + when), args.toArray(String[]::new));
        boolean ended;
        try {
            if (when.equals("copying")) {
                awaitMegabytes(process, dump, 2);
            } else {
                awaitComplete(process, dump);
            }
            new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor();
            ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(ended).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.status() & PlainKdumpReader.INCOMPLETE)
                    .isEqualTo(when.equals("copying") ? PlainKdumpReader.INCOMPLETE : 0);
        }
    }

    private static void awaitComplete(Process process, Path dump) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        boolean complete = false;
        while (!complete && process.isAlive() && System.nanoTime() < deadline) {
            Thread.sleep(20);
            if (Files.exists(dump) && Files.size(dump) > 1 << 16) {
                try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
                    complete = (reader.status() & PlainKdumpReader.INCOMPLETE) == 0;
                }
            }
        }
        assertThat(complete).isTrue();
    }

    private static void awaitMegabytes(Process process, Path dump, int megabytes)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (process.isAlive() && (!Files.exists(dump) || Files.size(dump) < (long) megabytes << 20)
                && System.nanoTime() < deadline) {
            Thread.sleep(2);
        }
    }

    @Test
    void endsInOneLineOnAFullDisk() throws IOException, InterruptedException {
        assumeThat(Path.of("/dev/full")).exists();
        Path err = directory.resolve("err-full");
        Process process = start(err, "-f", "-l", "-d", "31", "--message-level", "4", vmcore.toString(), "/dev/full");
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        // The line about the disk is one of the ordinary conversation.
        assertThat(Files.readString(err)).doesNotContain("\tat ");
    }

    @Test
    void needsLittleMemory() throws IOException, InterruptedException {
        assertRunsIn("16m", List.of("-l", "-d", "31", "--num-threads", "2", vmcore.toString(),
                directory.resolve("dump-memory").toString()));
    }

    /// No garbage collection gives the buffers of one part back before the next needs some.
    @Test
    void needsNoMoreMemoryForManyParts() throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("--split", "--splitblock-size=1024", "-l", "-d", "31",
                "--num-threads", "2", vmcore.toString()));
        for (int i = 0; i < 16; i++) {
            line.add(directory.resolve("part-memory" + i).toString());
        }
        assertRunsIn("12m", line);
    }

    private static void assertRunsIn(String direct, List<String> line) throws IOException, InterruptedException {
        Path err = directory.resolve("err-memory");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-Xmx12m",
                "-XX:MaxDirectMemorySize=" + direct, "-XX:+DisableExplicitGC", "--enable-native-access=ALL-UNNAMED",
                "-Djdk.util.jar.enableMultiRelease=false", "-cp", System.getProperty("java.class.path"),
                "dev.vmsieve.cli.Main"));
        command.addAll(line);
        Process process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile()).start();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(err, StandardCharsets.UTF_8)).isZero();
    }

    private static Process startWithHeap(String heap, Class<?> main, Path err, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", heap,
                "-XX:MaxDirectMemorySize=1g", "--enable-native-access=ALL-UNNAMED",
                "-Djdk.util.jar.enableMultiRelease=false", "-cp", System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile()).start();
    }

    /// What `xz -9` writes: a dictionary of 64 MiB, however small the file.
    private static Path packWithLargeDictionary(Path file) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = new XZOutputStream(bytes, new LZMA2Options(0))) {
            out.write(new byte[1 << 16]);
        }
        byte[] packed = bytes.toByteArray();
        int header = 12;
        int length = (packed[header] + 1) * 4;
        packed[header + 4] = 28;
        var checksum = new CRC32();
        checksum.update(packed, header, length - Integer.BYTES);
        ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN).putInt(header + length - Integer.BYTES,
                (int) checksum.getValue());
        return Files.write(file, packed);
    }

    @Test
    void endsInOneLineWhenTheHeapDoesNotSuffice() throws IOException, InterruptedException {
        Path packed = packWithLargeDictionary(directory.resolve("zeroes.xz"));
        Path dump = directory.resolve("dump-heap");
        Path err = directory.resolve("err-heap");
        Process process = startWithHeap("-Xmx32m", Main.class, err, "-l", "-d", "31", "--work-dir",
                directory.toString(), packed.toString(), dump.toString());
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(err))
                .endsWith("vmsieve: Out of memory: Java heap space. No input is known that needs"
                        + " that much: please report what this one is.\n");
        assertThat(process.exitValue()).isEqualTo(1);
        // With the launchers' heap it is unpacked, and zeroes are no dump.
        Process enough = startWithHeap("-Xmx128m", Main.class, err, "-l", "-d", "31", "--work-dir",
                directory.toString(), packed.toString(), dump.toString());
        assertThat(enough.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(err)).contains("[" + packed + "] input: ").doesNotContain("Out of memory");
    }

    /// Main, in a process one of whose helping threads finds no memory while the run waits for its input.
    static final class WithFailingThread {
        private WithFailingThread() {}

        public static void main(String[] args) {
            Thread.ofPlatform().daemon().start(() -> {
                while (Thread.getDefaultUncaughtExceptionHandler() == null) {
                    Thread.onSpinWait();
                }
                throw new OutOfMemoryError("Java heap space");
            });
            Main.main(args);
        }
    }

    @Test
    void endsInOneLineWhenAHelpingThreadFindsNoMemory() throws IOException, InterruptedException {
        Path err = directory.resolve("err-thread");
        Process process = startWithHeap("-Xmx128m", WithFailingThread.class, err, "-R",
                directory.resolve("rearranged").toString());
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(err)).startsWith("vmsieve: Out of memory: Java heap space. ").hasLineCount(1);
        assertThat(process.exitValue()).isEqualTo(1);
    }

    private static String shell(String line, Object... names) throws IOException, InterruptedException {
        Path said = directory.resolve("said");
        List<String> command = new ArrayList<>(List.of("sh", "-c",
                line.replace("PROGRAM", "\"$JAVA\" -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED"
                        + " -Djdk.util.jar.enableMultiRelease=false -cp \"$CLASSES\" dev.vmsieve.cli.Main")
                        + " 2> '" + said + "'; echo \"exit $?\" >> '" + said + "'"));
        for (Object name : names) {
            command.add(name.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
        builder.environment().put("CLASSES", System.getProperty("java.class.path"));
        Process process = builder.start();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return Files.readString(said);
    }

    @Test
    void refusesTheFileThatMessagesGoTo() throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("messages"), "");
        for (String line : List.of("PROGRAM -f -l -d 31 $0 /dev/stdout > $1", "PROGRAM -f -l -d 31 $0 $1 >> $1",
                "PROGRAM -f --dump-dmesg $0 /dev/stdout > $1")) {
            assertThat(shell(line, vmcore, file)).contains("] Messages are redirected to this file and would be written"
                    + " into it; -F sends it to standard output\n").endsWith("exit 1\n");
        }
        assertThat(shell("PROGRAM -R -f /dev/stdout < $0 > $1", vmcore, file))
                .contains("would be written into it; redirect them elsewhere\n").endsWith("exit 1\n");
        // No file, and nothing that could be damaged.
        assertThat(shell("PROGRAM -f -l -d 31 $0 /dev/null > /dev/null", vmcore)).endsWith("exit 0\n");
    }

    @Test
    void refusesToRearrangeAFileIntoItself() throws IOException, InterruptedException {
        Path file = directory.resolve("flattened");
        assertThat(shell("PROGRAM -F -l -d 31 $0 > $1", vmcore, file)).endsWith("exit 0\n");
        Path link = Files.createSymbolicLink(directory.resolve("link-to-flattened"), file);
        byte[] before = Files.readAllBytes(file);
        for (Path output : List.of(file, link)) {
            assertThat(shell("PROGRAM -R -f $1 < $0", file, output)).contains("[" + output
                    + "] The output is the same file as standard input; it would be destroyed\n").endsWith("exit 1\n");
            assertThat(file).hasBinaryContent(before);
        }
        assertThat(shell("PROGRAM -R -f $1 < $0", file, directory.resolve("rearranged"))).endsWith("exit 0\n");
    }

    /// Terminals and /dev/null have no disk to put a log on.
    @Test
    void writesTheLogToADevice() throws IOException, InterruptedException {
        assertThat(shell("PROGRAM -f --dump-dmesg $0 /dev/null", vmcore)).endsWith("exit 0\n");
        assertThat(shell("PROGRAM -F --dump-dmesg $0 > /dev/full", vmcore))
                .contains("vmsieve: [STDOUT] the log is not complete: No space left on device\n").endsWith("exit 1\n");
    }

    @Test
    void saysWhereTheDirectoryOfAWorkFileWasNamed() throws IOException, InterruptedException {
        Path packed = packWithLargeDictionary(directory.resolve("small.xz"));
        assertThat(shell("TMPDIR=/absent PROGRAM -l $0 $1", packed, directory.resolve("none"))).contains(
                "vmsieve: [/absent] The work file cannot be made in this directory, the default or TMPDIR: it does not exist;"
                        + " --work-dir names another one\n")
                .endsWith("exit 1\n");
    }
}
