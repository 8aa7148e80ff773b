// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.fixtures.ElfComparison;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SyntheticKernel;
import dev.vmsieve.fixtures.SyntheticLog;

/// Disks that cannot be read, and disks that are full, as the system itself tells of them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadDayTest {
    private static final long PATIENCE_SECONDS = 60;
    private static final int PAGE = 4096;

    @TempDir
    static Path directory;
    private Path vmcore = Path.of("");

    private record Ended(int status, String err) {}

    @BeforeAll
    void makeVmcore() throws IOException {
        Path made = Files.createTempDirectory(directory, "made").resolve("vmcore");
        vmcore = SyntheticKernel.demo(64, 7).write(made).toRealPath();
    }

    @Test
    void fillsPagesThatCannotBeReadWithZeroes() throws IOException, InterruptedException {
        Path whole = directory.resolve("whole");
        Path holed = directory.resolve("holed");
        long from = Files.size(vmcore) / 2 / PAGE * PAGE;
        assertThat(dump(whole, 0, 0).status()).isZero();
        Ended ended = dump(holed, from, from + 3 * PAGE);
        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.err()).hasLineCount(1).isEqualTo(
                "vmsieve: [" + vmcore + "] 3 pages could not be read and count as filled with zeroes."
                        + System.lineSeparator());
        try (PlainKdumpReader good = new PlainKdumpReader(whole); PlainKdumpReader bad = new PlainKdumpReader(holed)) {
            assertThat(bad.check()).isEmpty();
            assertThat(bad.status() & PlainKdumpReader.INCOMPLETE).isZero();
            int different = 0;
            for (long pfn = 0; pfn < good.maxMapnr(); pfn++) {
                assertThat(bad.dumped(pfn)).isEqualTo(good.dumped(pfn));
                if (good.dumped(pfn) && !Arrays.equals(good.page(pfn), bad.page(pfn))) {
                    assertThat(bad.page(pfn)).as("pfn 0x%x", pfn).containsOnly(0);
                    different++;
                }
            }
            assertThat(different).isLessThanOrEqualTo(3);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,16,input,0", "32,64,ELF header,0", "64,120,program headers,40", "4096,4100,input,1000",
            "5000,5001,notes,1000"})
    void saysInOneLineWhichHeadersCannotBeRead(long from, long to, String structure, String offset)
            throws IOException, InterruptedException {
        Path dump = directory.resolve("headers-" + from);
        Ended ended = dump(dump, from, to);
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err().strip()).isEqualTo("vmsieve: [" + vmcore + "] " + structure
                + ": cannot be read: Input/output error (offset 0x" + offset + ")");
        assertThat(dump).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"1", "3"})
    void marksWhatAFullDiskLeaves(String threads) throws IOException, InterruptedException {
        Path disk = Files.createDirectory(directory.resolve("disk-" + threads));
        int mounted = run(Map.of(), "mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString()).status();
        assumeThat(mounted).as("mounting takes root").isZero();
        try {
            Path dump = disk.resolve("dump");
            List<String> command = java(List.of("-d", "0", "--num-threads", threads, "--message-level", "4",
                    vmcore.toString(), dump.toString()));
            Ended ended = run(Map.of(), command.toArray(String[]::new));
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.err()).doesNotContain("\tat ");
            assertUsable(dump);
        } finally {
            run(Map.of(), "umount", disk.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "3"})
    void marksWhatAFullDiskLeavesOfAnElfFile(String threads) throws IOException, InterruptedException {
        Path disk = Files.createDirectory(directory.resolve("elf-disk-" + threads));
        int mounted = run(Map.of(), "mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString()).status();
        assumeThat(mounted).as("mounting takes root").isZero();
        try {
            Path dump = disk.resolve("dump");
            List<String> command = java(List.of("-E", "-d", "0", "--num-threads", threads, "--message-level", "4",
                    vmcore.toString(), dump.toString()));
            Ended ended = run(Map.of(), command.toArray(String[]::new));
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.err()).doesNotContain("\tat ");
            assertThat(ElfComparison.withSource(vmcore, dump, pfn -> true)).isEmpty();
            try (PlainElfReader reader = new PlainElfReader(dump)) {
                assertThat(reader.flags()).isEqualTo(1);
            }
        } finally {
            run(Map.of(), "umount", disk.toString());
        }
    }

    @Test
    void fillsTheOtherPartsWhereOneDiskIsFull() throws IOException, InterruptedException {
        Path disk = Files.createDirectory(directory.resolve("small-disk"));
        int mounted = run(Map.of(), "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()).status();
        assumeThat(mounted).as("mounting takes root").isZero();
        try {
            List<Path> parts = List.of(directory.resolve("part1"), disk.resolve("part2"), directory.resolve("part3"));
            List<String> line = new ArrayList<>(List.of("--split", "--splitblock-size=4096", "-d", "0",
                    "--message-level", "4", vmcore.toString()));
            parts.forEach(part -> line.add(part.toString()));
            Ended ended = run(Map.of(), java(line).toArray(String[]::new));
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.err()).hasLineCount(1)
                    .startsWith("vmsieve: [" + parts.get(1) + "] No space left on device: ")
                    .endsWith("; all 3 parts are marked incomplete\n");
            for (Path part : parts) {
                assertUsable(part);
            }
            try (PlainKdumpReader last = new PlainKdumpReader(parts.get(2))) {
                for (long pfn = last.startPfn(); pfn < last.endPfn(); pfn++) {
                    assertThat(!last.dumped(pfn) || last.descriptor(pfn).offset() != 0).isTrue();
                }
            }
        } finally {
            run(Map.of(), "umount", disk.toString());
        }
    }

    @Test
    void marksWhatALimitOfTheFileSizeLeaves() throws IOException, InterruptedException {
        Path dump = directory.resolve("limited");
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -f 4000 && exec \"$@\"", "sh"));
        command.addAll(java(List.of("-d", "0", "--message-level", "4", vmcore.toString(), dump.toString())));
        Ended ended = run(Map.of(), command.toArray(String[]::new));
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err()).startsWith("vmsieve: [" + dump + "] File too large: ").hasLineCount(1)
                .contains("marked incomplete");
        assertUsable(dump);
    }

    /// A user who is not allowed to; root gives up what lets it read and write everything.
    private static Ended withoutPower(List<String> line) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (run(Map.of(), "test", "-r", "/proc/1/environ").status() == 0) {
            command.addAll(List.of("setpriv", "--bounding-set", "-dac_override,-dac_read_search"));
        }
        command.addAll(java(line));
        return run(Map.of(), command.toArray(String[]::new));
    }

    @Test
    void saysInOneLineWhatItMayNotRead() throws IOException, InterruptedException {
        Path secret = Files.copy(vmcore, directory.resolve("secret"));
        Files.setPosixFilePermissions(secret, Set.of());
        Path dump = directory.resolve("of-secret");
        Ended ended = withoutPower(List.of("-d", "31", "--message-level", "4", secret.toString(), dump.toString()));
        assertThat(ended.err()).isEqualTo("vmsieve: [" + secret + "] Permission denied\n");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(dump).doesNotExist();
    }

    @Test
    void saysInOneLineWhereItMayNotWrite() throws IOException, InterruptedException {
        Path closed = Files.createDirectory(directory.resolve("closed"));
        Path old = Files.writeString(directory.resolve("old"), "precious");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-x------"));
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("r--------"));
        Path dump = closed.resolve("dump");
        Ended into = withoutPower(List.of("-d", "31", "--message-level", "4", vmcore.toString(), dump.toString()));
        assertThat(into.err())
                .isEqualTo("vmsieve: [" + dump + "] The directory " + closed + " is not writable\n");
        assertThat(into.status()).isEqualTo(1);
        Ended over = withoutPower(List.of("-f", "--message-level", "4", vmcore.toString(), old.toString()));
        assertThat(over.err()).isEqualTo("vmsieve: [" + old + "] The file is not writable\n");
        assertThat(over.status()).isEqualTo(1);
        assertThat(old).hasContent("precious");
    }

    @Test
    void writesTheLogWhereNothingElseMayBeWritten() throws IOException, InterruptedException {
        SyntheticLog log = new SyntheticLog(KernelEra.V5_10, 12, 4).add(1_000_000, 7, "the only message");
        Path closed = Files.createDirectory(directory.resolve("closed-but-for-the-log"));
        Path crashed = SyntheticKernel.builder(KernelEra.V5_10).log(log).build().write(closed.resolve("vmcore"));
        Path file = Files.writeString(closed.resolve("dmesg.txt"), "old");
        Files.setPosixFilePermissions(crashed, PosixFilePermissions.fromString("r--------"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-x------"));
        Ended ended = withoutPower(
                List.of("-f", "--message-level", "4", "--dump-dmesg", crashed.toString(), file.toString()));
        assertThat(ended.err()).isEmpty();
        assertThat(ended.status()).isZero();
        assertThat(file).hasBinaryContent(log.expected(false));
        try (Stream<Path> files = Files.list(closed)) {
            assertThat(files).containsExactlyInAnyOrder(crashed, file);
        }
    }

    private static void assertUsable(Path dump) throws IOException {
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
            assertThat(reader.check()).allSatisfy(problem -> assertThat(problem).doesNotContain("beyond"));
        }
    }

    /// Dumps while reads that touch [from, to) of the vmcore fail.
    private Ended dump(Path dump, long from, long to) throws IOException, InterruptedException {
        Map<String, String> bad = Map.of("LD_PRELOAD", shim().toString(), "EIO_FILE", vmcore.toString(), "EIO_FROM",
                Long.toString(from), "EIO_TO", Long.toString(to));
        return run(bad, java(List.of("--non-mmap", "-d", "0", "--message-level", "4", vmcore.toString(),
                dump.toString())).toArray(String[]::new));
    }

    private static Path shim() throws IOException, InterruptedException {
        Path shim = directory.resolve("eio.so");
        if (!Files.exists(shim)) {
            boolean compiles = Files.isExecutable(Path.of("/usr/bin/cc"));
            if (!"1".equals(System.getenv("VMSIEVE_REQUIRE_REFERENCE"))) {
                assumeThat(compiles).as("a C compiler").isTrue();
            }
            Path source = directory.resolve("eio.c");
            try (InputStream text = Objects.requireNonNull(BadDayTest.class.getResourceAsStream("eio.c"))) {
                Files.copy(text, source);
            }
            Ended ended = run(Map.of(), "cc", "-shared", "-fPIC", "-o", shim.toString(), source.toString(), "-ldl");
            assertThat(ended.status()).as(ended.err()).isZero();
        }
        return shim;
    }

    private static List<String> java(List<String> args) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                        "-Xmx128m", "-XX:MaxDirectMemorySize=1g", "--enable-native-access=ALL-UNNAMED",
                        "-Djdk.util.jar.enableMultiRelease=false", "-cp", System.getProperty("java.class.path"),
                        "dev.vmsieve.cli.Main"));
        command.addAll(args);
        return command;
    }

    private static Ended run(Map<String, String> variables, String... command)
            throws IOException, InterruptedException {
        Path err = Files.createTempFile(directory, "err", null);
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("JAVA") || name.startsWith("_JAVA"));
        builder.environment().putAll(variables);
        Process process = builder.start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("hangs: " + List.of(command));
        }
        return new Ended(process.exitValue(), Files.readString(err));
    }
}
