// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.DumpComparison;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.ExpectedPages;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Whole runs on a synthetic kernel of 64 MiB.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DumpCommandTest {
    private static final long SEED = 4711;

    @TempDir
    static Path directory;
    private final SyntheticKernel kernel = SyntheticKernel.demo(64, SEED);
    private Path vmcore = Path.of("");

    @BeforeAll
    void makeVmcore() throws IOException {
        vmcore = kernel.write(Files.createDirectories(directory.resolve("made")).resolve("vmcore"));
    }

    private Path fresh(String name) throws IOException {
        return Files.createTempDirectory(directory, "run").resolve(name);
    }

    private static int status(Path dump) throws IOException {
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            return reader.status();
        }
    }

    @ParameterizedTest
    @CsvSource({"-l,31", "-c,1", "-z,16", "-p,8", "-l,0"})
    void dumpsWhatTheLevelKeeps(String codec, int level) throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run(codec, "-d", Integer.toString(level), "--message-level", "6", vmcore.toString(),
                dump.toString());
        assertThat(run.out()).isEqualTo("\nThe dumpfile is saved to " + dump + ".\n\nvmsieve Completed.\n");
        assertThat(run.code()).isZero();
        assertThat(DumpComparison.withSource(vmcore, dump)).as("seed " + SEED).isEmpty();
        assertThat(Files.getPosixFilePermissions(dump)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.check()).isEmpty();
            assertThat(reader.dumpedPages()).isEqualTo(kernel.expected(level).dumpable().cardinality());
        }
    }

    @Test
    void reportsEachPageOnceByItsKind() throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run("-l", "-d", "31", "--message-level", "16", vmcore.toString(), dump.toString());
        ExpectedPages expected = kernel.expected(31);
        assertThat(run.out()).contains("STEP [Excluding unnecessary pages] : ")
                .contains(line("Original pages  : ", expected.existing().cardinality()))
                .contains(line("    Pages filled with zero  : ", expected.zero()))
                .contains(line("    Non-private cache pages : ", expected.nonPrivateCache()))
                .contains(line("    Private cache pages     : ", expected.privateCache()))
                .contains(line("    User process data pages : ", expected.user()))
                .contains(line("    Free pages              : ", expected.free()))
                .contains(line("    Hwpoison pages          : ", expected.hwpoison()))
                .contains(line("    Offline pages           : ", expected.offline()))
                .contains(line("Total pages     : ", expected.maxMapnr()));
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
    }

    private static String line(String name, long pages) {
        return "\n" + name + String.format("0x%016x", pages) + "\n";
    }

    @Test
    void writesTheSameBytesForAnyNumberOfThreads() throws IOException {
        Path one = fresh("dump");
        Path seven = fresh("dump");
        assertThat(Cli.run("-c", "-d", "17", "--num-threads", "0", vmcore.toString(), one.toString()).code()).isZero();
        assertThat(Cli.run("-c", "-d", "17", "--num-threads=7", vmcore.toString(), seven.toString()).code()).isZero();
        assertThat(Files.mismatch(one, seven)).isEqualTo(-1);
    }

    @Test
    void writesNothingInADryRun() throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run("-l", "-d", "31", "--dry-run", vmcore.toString(), dump.toString());
        assertThat(run.out()).contains("would be saved to " + dump);
        assertThat(run.code()).isZero();
        assertThat(dump).doesNotExist();
        Files.createFile(dump);
        Cli.run("--dry-run", vmcore.toString(), dump.toString()).fails("File exists");
    }

    @Test
    void triesTheNextLevelWhenTheSizeLimitDoesNotSuffice() throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run("-l", "-d", "0,31", "-L", "4M", vmcore.toString(), dump.toString());
        assertThat(run.out()).contains("size limit of 4194304 bytes", "Retry to create a dumpfile by dump_level(31).",
                "The dumpfile is saved to " + dump);
        assertThat(run.code()).isZero();
        assertThat(status(dump) & PlainKdumpReader.INCOMPLETE).isZero();
        assertThat(DumpComparison.withSource(vmcore, dump)).isEmpty();
    }

    @Test
    void keepsTheLastAttemptMarkedWhenNoLevelFits() throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run("-l", "-d", "0,1", "-L", "700K", vmcore.toString(), dump.toString());
        assertThat(run.out()).contains("Retry to create a dumpfile by dump_level(1).").endsWith(Cli.FAILED);
        assertThat(run.code()).isEqualTo(1);
        assertThat(status(dump) & PlainKdumpReader.INCOMPLETE).isNotZero();
        assertThat(Files.size(dump)).isLessThanOrEqualTo(700 << 10);
    }

    @Test
    void printsVmcoreinfoIndentedWhenDebugging() throws IOException {
        Cli run = Cli.run("-D", "-d", "31", vmcore.toString(), fresh("dump").toString());
        assertThat(run.out()).startsWith("vmsieve: version ").contains("\ncommand line: vmsieve -D -d 31 ")
                .contains("\n  OSRELEASE=", "\n  CRASHTIME=", "\nLOAD[ 0]");
        assertThat(run.code()).isZero();
    }

    @Test
    void overwritesOnlyWithForceAndKeepsTheMode() throws IOException {
        Path dump = fresh("dump");
        Files.writeString(dump, "precious");
        Files.setPosixFilePermissions(dump, PosixFilePermissions.fromString("rw-r--r--"));
        Cli.run("-l", vmcore.toString(), dump.toString()).fails("[" + dump + "] File exists");
        assertThat(dump).hasContent("precious");
        assertThat(Cli.run("-lfd31", vmcore.toString(), dump.toString()).code()).isZero();
        assertThat(Files.getPosixFilePermissions(dump)).isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(DumpComparison.withSource(vmcore, dump)).isEmpty();
    }

    @Test
    void refusesToDestroyItsInput() throws IOException {
        Path link = fresh("link");
        Files.createSymbolicLink(link, vmcore);
        Path hardLink = Files.createLink(vmcore.resolveSibling("hard"), vmcore);
        long size = Files.size(vmcore);
        Cli.run("-f", vmcore.toString(), vmcore.toString()).fails("is the same file as the input");
        Cli.run("-f", vmcore.toString(), link.toString()).fails("is the same file as the input");
        Cli.run("-f", vmcore.toString(), hardLink.toString()).fails("is the same file as the input");
        assertThat(vmcore).hasSize(size);
        Files.delete(hardLink);
    }

    @Test
    void looksAtTheOutputBeforeTheInput() throws IOException {
        Path existing = fresh("dump");
        Files.createFile(existing);
        Cli.run("/nonexistent/vmcore", existing.toString()).fails("[" + existing + "] File exists");
        Cli.run("/nonexistent/vmcore", "/nonexistent/dump").fails("The directory /nonexistent does not exist");
        Cli.run("/nonexistent/vmcore", existing + "/dump").fails("is not a directory");
        Cli.run("-f", "/nonexistent/vmcore", directory.toString()).fails("Is a directory");
        Cli.run("/nonexistent/vmcore", "").fails("name of the dump file is empty");
        Cli.run("/nonexistent/vmcore", directory.resolve("x".repeat(300)).toString()).fails("File name too long");
        Path dangling = Files.createSymbolicLink(fresh("link"), Path.of("nowhere"));
        Cli.run("/nonexistent/vmcore", dangling.toString()).fails("File exists");
    }

    @Test
    void saysThatAPipeCannotBeWrittenByOffset() throws IOException, InterruptedException {
        Path pipe = fresh("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        Cli.run("-f", vmcore.toString(), pipe.toString()).fails("pipe", "-F");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 15, 16, 20, 63, 64, 100, 400})
    void saysInOneLineThatAnInputIsTooShort(int bytes) throws IOException {
        Path cut = fresh("cut");
        Files.write(cut, java.util.Arrays.copyOf(Files.newInputStream(vmcore).readNBytes(bytes), bytes));
        Path dump = fresh("dump");
        Cli.run(cut.toString(), dump.toString()).fails("[" + cut + "]");
        assertThat(dump).doesNotExist();
    }

    @Test
    void saysInOneLineWhatIsNoDump() throws IOException {
        Path text = fresh("text");
        Files.writeString(text, "This is no dump.\n".repeat(1000));
        Cli.run(text.toString(), fresh("dump").toString()).fails("[" + text + "]", "not a dump");
        Cli.run(directory.toString(), fresh("dump").toString()).fails("[" + directory + "]", "directory");
        Cli.run("/nonexistent", fresh("dump").toString()).fails("[/nonexistent] No such file or directory");
        Cli.run("/bin/sh", fresh("dump").toString()).fails("[/bin/sh]", "core file");
    }

    @Test
    void keepsANameWithALineEndOnOneLine() throws IOException {
        Cli.run("a\nb", fresh("dump").toString()).prints(1, Cli.FAILED,
                "vmsieve: [a?b] No such file or directory\n");
    }

    @Test
    void goesOnWhereTheInputIsCutShort() throws IOException {
        Path cut = fresh("cut");
        Files.copy(vmcore, cut);
        try (RandomAccessFile file = new RandomAccessFile(cut.toFile(), "rw")) {
            file.setLength(file.length() - 1000_000);
        }
        Path dump = fresh("dump");
        Cli run = Cli.run("-l", "-d", "1", cut.toString(), dump.toString());
        assertThat(run.err()).contains("[" + cut + "] the file is cut short");
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.dumpedPages()).isPositive();
        }
    }

    /// What is left of the dump has neither page tables nor struct pages, but nothing more is to be left out of it.
    @Test
    void copiesWhatIsThereOfADumpCutShortAtItsOwnLevel() throws IOException {
        Path whole = fresh("whole");
        assertThat(Cli.run("-l", "-d", "31", vmcore.toString(), whole.toString()).code()).isZero();
        long length;
        try (PlainKdumpReader reader = new PlainKdumpReader(whole)) {
            length = reader.descriptorStart() + 24 * reader.dumpedPages() + 10_000;
        }
        Path cut = fresh("cut");
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(whole), Math.toIntExact(length)));
        for (String level : new String[]{"0", "1", "17", "31"}) {
            Path again = fresh("again");
            Cli run = Cli.run("-l", "-d", level, cut.toString(), again.toString());
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.err()).contains("[" + cut + "] the dump is incomplete: ");
            try (PlainKdumpReader reader = new PlainKdumpReader(again)) {
                assertThat(reader.dumpedPages()).isPositive();
                assertThat(reader.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
                assertThat(reader.check()).isEmpty();
            }
        }
    }

    @Test
    void filtersWithVmcoreinfoFromAFile() throws IOException {
        Path bare = kernel.loads(new ElfCoreBuilder()).write(fresh("bare"));
        Path text = fresh("vmcoreinfo");
        Files.writeString(text, kernel.vmcoreinfo());
        Path dump = fresh("dump");
        assertThat(Cli.run("-d", "31", "-i", text.toString(), bare.toString(), dump.toString()).code()).isZero();
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.dumpedPages()).isEqualTo(kernel.expected(31).dumpable().cardinality());
        }
    }

    @Test
    void takesTheLastLineOfAFileThatSomebodyEndedTooEarly() throws IOException {
        Path bare = kernel.loads(new ElfCoreBuilder()).write(fresh("bare"));
        String line = kernel.vmcoreinfo().lines().filter(l -> l.startsWith("SIZE(page)=")).findFirst().orElseThrow();
        Path text = fresh("vmcoreinfo");
        Files.writeString(text, kernel.vmcoreinfo().replace(line + "\n", "") + line);
        Path dump = fresh("dump");
        assertThat(Cli.run("-d", "31", "-i", text.toString(), bare.toString(), dump.toString()).code()).isZero();
        Path again = fresh("again");
        assertThat(Cli.run("-d", "31", dump.toString(), again.toString()).code()).isZero();
    }

    @Test
    void returnsTwoForVmcoreinfoOfAnotherKernel() throws IOException {
        Path text = fresh("vmcoreinfo");
        Files.writeString(text, kernel.vmcoreinfo().replaceFirst("OSRELEASE=.*", "OSRELEASE=2.6.32-other"));
        Path dump = fresh("dump");
        Cli run = Cli.run("-d", "31", "-i", text.toString(), vmcore.toString(), dump.toString());
        assertThat(run.err()).contains("2.6.32-other", kernel.era().release());
        assertThat(run.out()).endsWith(Cli.FAILED);
        assertThat(run.code()).isEqualTo(2);
        assertThat(dump).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage\n", "SYMBOL(x)=1\n"})
    void refusesAFileThatIsNotVmcoreinfo(String content) throws IOException {
        Path text = fresh("vmcoreinfo");
        Files.writeString(text, content);
        Cli.run("-i", text.toString(), vmcore.toString(), fresh("dump").toString()).fails(
                "[" + text + "] VMCOREINFO: OSRELEASE= must be there but is missing");
    }

    @Test
    void needsAWorkDirectoryOnlyToExist() throws IOException {
        Cli.run("--work-dir", "/nonexistent", vmcore.toString(), fresh("dump").toString()).fails("--work-dir");
        assertThat(Cli.run("-d31", "--work-dir", directory.toString(), vmcore.toString(), fresh("dump").toString())
                .code()).isZero();
    }

    @Test
    void doesTheSameUnderTheOtherName() throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.runAs("makedumpfile", Map.of(), "-l", "--message-level", "2", "-d", "31", vmcore.toString(),
                dump.toString());
        run.prints(0, "\nThe dumpfile is saved to " + dump + ".\n\nmakedumpfile Completed.\n", "");
    }

    @Test
    void showsTheWholeWayInTheDemo() throws IOException {
        Path place = directory.resolve("demo");
        Cli demo = Cli.run("demo", place.toString());
        assertThat(demo.out()).contains("all equal", "each as it was made", place.resolve("dump").toString())
                .doesNotContain("DIFFERENT", "MISJUDGED");
        assertThat(demo.code()).isZero();
        assertThat(place.resolve("vmcore")).exists();
        Cli.run("demo", place.toString()).fails("File exists");
        assertThat(Cli.run("demo", "a", "b").err()).contains("usage: vmsieve demo [DIRECTORY]");
    }

    @Test
    void saysThatANameIsEmptyOrADirectorys() throws IOException {
        Path dump = fresh("dump");
        Cli.run("-l", "-d", "31", "", dump.toString()).fails("vmsieve: [] The name of the input is empty\n");
        Path none = fresh("new");
        Cli.run("-l", "-d", "31", vmcore.toString(), none + "/")
                .fails("vmsieve: [" + none + "/] Is the name of a directory, and there is none\n");
        Cli.run("--dump-dmesg", vmcore.toString(), none + "/").fails("Is the name of a directory, and there is none\n");
        Cli.run("--split", vmcore.toString(), dump.toString(), none + "/").fails("Is the name of a directory");
        assertThat(none).doesNotExist();
        assertThat(dump).doesNotExist();
    }
}
