// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

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
                .containsExactly("ours", "peer", "ours", "peer", "peer", "ours", "ours", "peer");
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
        String fault = "- " + folder.getFileName() + "/vmcore, ELF `-E`, `-d 0`: FAILED: vmsieve, 2 threads: exit code"
                + " 1, no ELF\n";
        assertThat(said).containsExactly(fault, "1");
        assertThat(Path.of(report + ".md")).content()
                .contains("ELF `-E`, `-d 0`: FAILED: vmsieve, 2 threads: exit code 1, no ELF")
                .contains("| none | vmsieve, 2 threads | 1 |");
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
    void failsWithAProof() throws IOException {
        SyntheticKernel.builder(KernelEra.V6_12).megabytes(64).seed(1).build().write(vmcore);
        String copy = program("copy", "");
        String damaged = program("damaged", "",
                "printf damage | dd of=\"$last\" bs=1 seek=40000000 conv=notrunc 2> /dev/null");
        String[] said = run("--vmsieve=" + damaged, "--peer=" + copy, "--cases=elf", "--levels=0", "--rounds=1");
        assertThat(said[0]).contains("PROOF FAILED: both hold the same ")
                .contains("with other bytes than the vmcore's: 1 of ours, 0 of the peer's");
        assertThat(said[1]).isEqualTo("1");
        assertThat(run("--vmsieve=" + copy, "--peer=" + damaged, "--cases=elf", "--levels=0", "--rounds=1"))
                .as("a fault of the peer's is none of ours").containsExactly("", "0");
    }

    @Test
    void failsWhereBytesDependOnThreads() throws IOException {
        SyntheticKernel.builder(KernelEra.V6_12).megabytes(64).seed(1).build().write(vmcore);
        String copy = program("copy", "");
        String more = program("more", "", "case \"$*\" in *'threads 2'*) echo >> \"$last\" ;; esac");
        String[] said = run("--vmsieve=" + more, "--peer=" + copy, "--cases=elf", "--levels=0", "--rounds=1");
        assertThat(said[0]).contains("PROOF FAILED: ")
                .endsWith("; OUR BYTES DIFFER BETWEEN vmsieve, 1 thread AND vmsieve, 2 threads\n");
        assertThat(said[1]).isEqualTo("1");
    }

    @Test
    void goesOnAfterACaseThatCannotRun() throws IOException {
        String peer = program("peer", "case \"$*\" in *'-d 0'*) echo full >&2; exit 1 ;; esac");
        String none = program("none", "case \"$*\" in *-c*) echo done; exit 0 ;; esac");
        String[] said = run("--vmsieve=" + none, "--peer=" + peer, "--cases=refilter,zlib,lzo", "--levels=31",
                "--threads=1", "--rounds=1", "--no-proof");
        assertThat(said[0]).contains("LZO dump filtered again `-l`, `-d 31`: FAILED: " + peer + " -l -d 0 ")
                .contains(": full\n")
                .contains("zlib `-c`, `-d 31`: FAILED: vmsieve, 1 thread: exit code 0, but wrote no"
                        + " dump: done\n")
                .doesNotContain("LZO `-l`");
        assertThat(said[1]).isEqualTo("1");
        assertThat(Path.of(report + ".md")).content().contains("| LZO `-l` | vmsieve, 1 thread | 1 |");
    }

    @Test
    void failsWhereSizesDiffer() throws IOException {
        String growing = program("growing", "", "echo >> " + folder + "/grown; cat " + folder + "/grown >> \"$last\"");
        String[] said = run("--vmsieve=" + growing, "--peer=" + program("peer", ""), "--cases=none", "--levels=31",
                "--threads=1", "--rounds=1", "--no-proof");
        assertThat(said[0]).endsWith("FAILED: vmsieve, 1 thread: wrote 7 bytes, and 6 the run before\n");
        assertThat(said[1]).isEqualTo("1");
    }

    @Test
    void looksAtEverythingBeforeItBegins() throws IOException {
        String copy = program("copy", "");
        String bad = program("bad", "echo no library >&2; exit 127");
        assertThat(run("--vmsieve=" + copy, "--peer=" + bad, "--no-proof"))
                .containsExactly("[" + bad + "] -v must end with 0 but ended with 127: no library\n", "2");
        Files.writeString(vmcore, "no ELF file, but long enough");
        assertThat(run("--vmsieve=" + copy, "--peer=" + copy))
                .containsExactly("[" + vmcore + "] is not an ELF file\n", "2");
        assertThat(run("--vmsieve=" + copy, "--peer=" + copy, folder + "/none"))
                .containsExactly("[" + folder + "/none] is no file to read\n", "2");
        String here = report;
        report = folder + "/none/report";
        assertThat(run("--vmsieve=" + copy, "--peer=" + copy, "--no-proof"))
                .containsExactly("[" + folder + "/none] --report: is no directory to write to\n", "2");
        report = here;
        assertThat(run("--directory=" + vmcore)[0]).isNotEmpty();
    }

    @Test
    void bindsBothProgramsToCpus() throws IOException {
        assumeThat(Path.of("/usr/bin/taskset")).exists();
        Path log = folder.resolve("log");
        String look = "grep Cpus_allowed_list /proc/self/status >> " + log;
        run("--vmsieve=" + program("ours", look), "--peer=" + program("peer", look), "--cases=elf", "--levels=31",
                "--threads=2", "--peer-threads=2", "--cpus=0", "--rounds=1", "--no-proof");
        assertThat(Files.readAllLines(log).stream().filter(line -> line.endsWith("\t0"))).as("two rounds of two")
                .hasSizeGreaterThanOrEqualTo(4);
        assertThat(Path.of(report + ".md")).content().contains("| ELF `-E` | vmsieve, 1 thread, on CPU 0 only | 1 | ",
                "| ELF `-E` | makedumpfile, on CPU 0 only | 1 | ", "| ELF `-E` | makedumpfile | 1 | ");
    }

    @Test
    void beginsWithTheNotes() throws IOException {
        Files.writeString(Path.of(report + "-notes.md"), "# By hand\n");
        String copy = program("copy", "");
        run("--vmsieve=" + copy, "--peer=" + copy, "--cases=none", "--levels=31", "--rounds=1", "--no-proof");
        assertThat(Path.of(report + ".md")).content().startsWith("# By hand\n\n## Measured\n");
    }

    @Test
    void leavesNothingBehindWhenASignalEndsIt() throws IOException, InterruptedException {
        Path started = folder.resolve("started");
        Path place = Files.createDirectory(folder.resolve("place"));
        String slow = program("slow", "", "sh -c 'echo $$ > " + started + ".new; mv " + started + ".new " + started
                + "; sleep 10; echo > " + place + "/outlived'");
        Process compare = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + place, "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Compare.class.getName(), "--vmsieve=" + slow, "--peer=" + program("peer", ""), "--cases=none",
                "--no-proof", "--directory=" + place, vmcore.toString()).inheritIO().start();
        while (!Files.exists(started) && compare.isAlive()) {
            Thread.sleep(20);
        }
        assertThat(place).isNotEmptyDirectory();
        compare.destroy();
        assertThat(compare.waitFor()).isEqualTo(143);
        assertThat(place).isEmptyDirectory();
        while (runs(Files.readString(started).strip())) {
            Thread.sleep(20);
        }
        assertThat(place).as("what the program started is ended, too").isEmptyDirectory();
    }

    /// A killed process for which nobody waited is a zombie.
    private static boolean runs(String pid) {
        try {
            return !Files.readString(Path.of("/proc", pid, "stat")).contains(") Z ");
        } catch (IOException e) {
            return false;
        }
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

    private String program(String name, String before) throws IOException {
        return program(name, before, "");
    }

    /// A program that copies its input to its output, before and after what else it does.
    private String program(String name, String before, String after) throws IOException {
        Path program = folder.resolve(name);
        Files.writeString(program, "#!/bin/sh\n" + before + "\n[ \"$1\" = -v ] && exit\n"
                + "for last in \"$@\"; do before=$input; input=$last; done\ncp \"$before\" \"$last\"\n" + after + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program.toString();
    }

    private String[] run(String... options) {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        List<String> args = Stream.concat(Stream.of(options), Stream.of("--directory=" + folder, "--report=" + report,
                vmcore.toString())).toList();
        int code = Compare.run(args, new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8));
        String progress = errors.toString(StandardCharsets.UTF_8).replaceAll("(?m)^(.* \\.\\.\\.|warning: .*)\n", "");
        return new String[]{progress, Integer.toString(code)};
    }
}
