// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.SyntheticKernel;

class CompareTest {
    @TempDir
    private Path folder;

    private Path vmcore = Path.of("");
    private String report = "";

    @BeforeEach
    void makePrograms() throws IOException {
        vmcore = folder.resolve("vmcore");
        Files.writeString(vmcore, "pages");
        report = folder.resolve("report").toString();
    }

    @Test
    void runsProgramsInAlternationAndReports() throws IOException {
        Path log = folder.resolve("log");
        String ours = program("ours", "echo ours >> " + log);
        String peer = program("peer", "echo peer >> " + log);
        String[] said = run("--vmsieve=" + ours, "--peer=" + peer, "--cases=lzo", "--levels=31", "--threads=1",
                "--rounds=2", "--no-proof");
        assertThat(said).containsExactly("", "0");
        assertThat(Files.readAllLines(log)).as("names, a warm-up and two rounds")
                .containsExactly("ours", "peer", "ours", "peer", "ours", "peer", "ours", "peer");
        assertThat(Path.of(report + ".md")).content().contains("| LZO `-l` | vmsieve, 1 thread | 2 | ")
                .contains("- command: bench/compare ");
        assertThat(Path.of(report + ".json")).content().contains("\"program\": \"makedumpfile\"");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString())).as("nothing is left behind")
                    .containsExactlyInAnyOrder("vmcore", "ours", "peer", "log", "report.md", "report.json");
        }
    }

    @Test
    void reportsWhatFailsAndGoesOn() throws IOException {
        String ours = program("ours", "case \"$*\" in *-E*) echo no ELF >&2; exit 1 ;; esac");
        String peer = program("peer", "");
        String[] said = run("--vmsieve=" + ours, "--peer=" + peer, "--cases=elf,none", "--levels=0", "--threads=2",
                "--rounds=1", "--no-proof");
        assertThat(said).containsExactly("", "1");
        assertThat(Path.of(report + ".md")).content()
                .contains("ELF `-E`, `-d 0`: FAILED: vmsieve, 2 threads: exit code 1, no ELF")
                .contains("| none | vmsieve, 2 threads | 1, cold |");
    }

    @Test
    void provesThatBothHoldTheVmcoresPages() throws IOException {
        SyntheticKernel.builder(KernelEra.V6_12).megabytes(64).seed(1).build().write(vmcore);
        String copy = program("copy", "");
        String[] said = run("--vmsieve=" + copy, "--peer=" + copy, "--cases=elf", "--levels=0", "--rounds=1");
        assertThat(said).containsExactly("", "0");
        assertThat(Path.of(report + ".md")).content().contains("both hold the same ")
                .contains(" pages, each with the vmcore's bytes; ours is the same file for each number of threads");
    }

    @Test
    void explainsItself() {
        assertThat(run("--levels=99")).containsExactly("--levels: must be from 0 to 31 but was 99\n" + Options.USAGE,
                "2");
        ByteArrayOutputStream help = new ByteArrayOutputStream();
        assertThat(Compare.run(List.of("--help"), new PrintStream(help, true, StandardCharsets.UTF_8), System.err))
                .isZero();
        assertThat(help.toString(StandardCharsets.UTF_8)).isEqualTo(Options.USAGE);
    }

    /// A program that copies its input to its output, after what else it does.
    private String program(String name, String script) throws IOException {
        Path program = folder.resolve(name);
        Files.writeString(program, "#!/bin/sh\n" + script + "\n[ \"$1\" = -v ] && exit\n"
                + "for last in \"$@\"; do before=$input; input=$last; done\ncp \"$before\" \"$last\"\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program.toString();
    }

    private String[] run(String... options) {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        List<String> args = Stream.concat(Stream.of(options), Stream.of("--directory=" + folder, "--report=" + report,
                vmcore.toString())).toList();
        int code = Compare.run(args, new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8));
        String progress = errors.toString(StandardCharsets.UTF_8).replaceAll("(?m)^.* \\.\\.\\.\n", "");
        return new String[]{progress, Integer.toString(code)};
    }
}
