// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.SyntheticKernel;
import dev.vmsieve.fixtures.SyntheticLog;

/// Each command line that the README or the help gives to copy, typed into a shell: it must end well.
///
/// Places of a crashed machine stand for themselves by files in the working directory, and `ssh host` runs its words
/// here.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExamplesTest {
    private static final long PATIENCE_SECONDS = 60;
    private static final long SEED = 5;
    private static final String PROGRAM = "cli/bin/vmsieve";
    /// The demo, that is itself a test, and the doctor, who judges this machine, have tests of their own.
    private static final Set<String> RUN_ELSEWHERE = Set.of(" demo", " doctor");
    private static final int LOG_RECORDS = 40;
    private static final int CACHE_PAGES = 6000;

    @TempDir
    static Path directory;
    private Path inputs = Path.of("");
    private Path tools = Path.of("");

    static Stream<String> examples() throws IOException {
        return Stream.concat(readmeLines(), helpLines())
                .filter(line -> RUN_ELSEWHERE.stream().noneMatch(line::contains)).distinct();
    }

    private static Stream<String> readmeLines() throws IOException {
        return Files.readAllLines(Path.of("../README.md")).stream()
                .filter(line -> line.startsWith("    ") && line.contains(PROGRAM + " "))
                .map(line -> line.replaceFirst("\\s+#.*", "").strip());
    }

    private static Stream<String> helpLines() {
        return Cli.run("-h").out().lines().dropWhile(line -> !line.equals("Examples:"))
                .filter(line -> line.startsWith("      ")).map(String::strip)
                .map(line -> line.replaceAll("(^|[|'] ?)vmsieve ", "$1" + PROGRAM + " "));
    }

    @BeforeAll
    void makeInputs() throws IOException {
        inputs = Files.createDirectory(directory.resolve("inputs"));
        SyntheticLog log = new SyntheticLog(KernelEra.V6_12, 13, 8);
        for (int i = 0; i < LOG_RECORDS; i++) {
            log.add(i, i, "message " + i);
        }
        SyntheticKernel kernel = SyntheticKernel.builder(KernelEra.V6_12).megabytes(64).seed(SEED).log(log).build();
        kernel.next(0, CACHE_PAGES).fileCache();
        Path vmcore = kernel.write(inputs.resolve("vmcore"));
        // The running system's memory looks the same to the reader.
        Files.createLink(inputs.resolve("kcore"), vmcore);
        Path vmlinux = TinyVmlinux.write(inputs.resolve("vmlinux"), TinyVmlinux.releaseOf(vmcore));
        assertThat(Cli.run("-g", inputs.resolve("vmcoreinfo").toString(), "-x", vmlinux.toString()).code()).isZero();
        assertThat(Cli.run("-l", "-d", "1", vmcore.toString(), inputs.resolve("dump.old").toString()).code()).isZero();
        assertThat(Cli.run("--split", "--splitblock-size=4096", "-l", "-d", "1", vmcore.toString(),
                inputs.resolve("part1").toString(), inputs.resolve("part2").toString()).code()).isZero();
        tools = Files.createDirectory(directory.resolve("tools"));
        script("vmsieve", "exec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx128m --enable-native-access=ALL-UNNAMED -cp '"
                + System.getProperty("java.class.path") + "' dev.vmsieve.cli.Main \"$@\"");
        script("ssh", "shift; exec sh -c \"$*\"");
        shell(inputs, "'" + tools.resolve("vmsieve") + "' -F -l -d 31 vmcore > dump.flat");
    }

    private void script(String name, String body) throws IOException {
        Path script = Files.writeString(tools.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void findsExamplesInBothPlaces() throws IOException {
        assertThat(readmeLines()).hasSizeGreaterThan(5);
        assertThat(helpLines()).hasSizeGreaterThan(5);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void runsAsItIsWritten(String example) throws IOException {
        Path here = Files.createTempDirectory(directory, "example");
        try (Stream<Path> files = Files.list(inputs)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.createLink(here.resolve(file.getFileName()), file);
            }
        }
        assertThat(shell(here,
                example.replace("/proc/", "").replace("/var/crash/", "").replaceAll("/disk[12]/", "new-")
                        .replace(PROGRAM, "vmsieve")))
                .isNotEmpty().doesNotContain("vmsieve Failed.", "defect");
    }

    /// Runs a line by a shell in which a failure within a pipe is a failure.
    ///
    /// @return all that was printed
    private String shell(Path here, String line) throws IOException {
        Path log = here.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(List.of("bash", "-o", "pipefail", "-c", line))
                .directory(here.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().merge("PATH", tools.toString(), (path, first) -> first + ":" + path);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(line).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        String said = Files.readString(log);
        assertThat(process.exitValue()).as("%s: %s", line, said).isZero();
        return said;
    }
}
