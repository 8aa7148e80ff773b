// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SyntheticKernel;

/// `--split`, and split dumps as the input, as a user types them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SplitCommandTest {
    /// 16 blocks in 64 MiB.
    private static final String BLOCK = "--splitblock-size=4096";

    @TempDir
    static Path directory;
    private Path vmcore = Path.of("");
    private Path whole = Path.of("");
    private List<String> parts = List.of();

    @BeforeAll
    void makeDumps() throws IOException {
        vmcore = SyntheticKernel.demo(64, 4712).write(directory.resolve("vmcore"));
        whole = fresh("whole");
        done("-l", "-d", "31", vmcore.toString(), whole.toString());
        parts = names(fresh("part"), 3);
        done(line(List.of("--split", BLOCK, "-l", "-d", "31", vmcore.toString()), parts));
    }

    private static Path fresh(String name) throws IOException {
        return Files.createTempDirectory(directory, "run").resolve(name);
    }

    private static List<String> names(Path base, int number) {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= number; i++) {
            names.add(base.toString() + i);
        }
        return names;
    }

    private static String[] line(List<String> first, List<String> second, String... third) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        all.addAll(List.of(third));
        return all.toArray(String[]::new);
    }

    private static Cli done(String... line) {
        String[] terse = line(List.of("--message-level", "2"), List.of(line));
        Cli run = Cli.run(terse);
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).as(run.out()).isZero();
        return run;
    }

    private static void assertJoinsTo(Path expected, List<String> parts) throws IOException {
        Path joined = fresh("joined");
        done(line(List.of("--reassemble"), parts, joined.toString()));
        assertThat(joined).hasSameBinaryContentAs(expected);
    }

    @Test
    void dividesADumpAmongItsFiles() throws IOException {
        List<String> files = names(fresh("part"), 3);
        Cli run = done(line(List.of("--split", BLOCK, "-l", "-d", "31", "--num-threads", "2", vmcore.toString()),
                files));
        assertThat(run.out()).isEqualTo("\nThe dumpfiles are saved to " + files.get(0) + ", " + files.get(1) + ", and "
                + files.get(2) + ".\n\nvmsieve Completed.\n");
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < files.size(); i++) {
            Path file = Path.of(files.get(i));
            assertThat(file).hasSameBinaryContentAs(Path.of(parts.get(i)));
            try (PlainKdumpReader part = new PlainKdumpReader(file)) {
                assertThat(part.check()).isEmpty();
                long pages = 0;
                for (long pfn = part.startPfn(); pfn < part.endPfn(); pfn++) {
                    pages += part.dumped(pfn) ? 1 : 0;
                }
                least = Math.min(least, pages);
                most = Math.max(most, pages);
            }
        }
        assertThat(least).isPositive();
        assertThat(most).isLessThan(3 * least);
        assertJoinsTo(whole, files);
    }

    @Test
    void writesNothingInADryRun() throws IOException {
        List<String> files = names(fresh("part"), 2);
        Cli run = done(line(List.of("--split", BLOCK, "-l", "-d", "31", "--dry-run", vmcore.toString()), files));
        assertThat(run.out()).contains("The dumpfiles would be saved to " + files.get(0) + ", and " + files.get(1));
        assertThat(Path.of(files.get(0))).doesNotExist();
    }

    @Test
    void looksAtAllNamesBeforeAnythingIsWritten() throws IOException {
        List<String> files = names(fresh("part"), 2);
        Files.writeString(Path.of(files.get(1)), "precious");
        Cli.run(line(List.of("--split", vmcore.toString()), files)).fails("[" + files.get(1) + "] File exists");
        assertThat(Path.of(files.get(0))).doesNotExist();
        assertThat(Path.of(files.get(1))).hasContent("precious");
        Cli.run("--split", vmcore.toString(), files.get(0), files.get(0) + "/../part1").fails("is the same file as");
        Cli.run("--split", "-f", vmcore.toString(), files.get(0), directory + "/run/../vmcore").fails("vmcore] ");
        assertThat(Path.of(files.get(0))).doesNotExist();
        Cli.run("--split", vmcore.toString(), files.get(0), "/nonexistent/part2").fails("does not exist");
        assertThat(Path.of(files.get(0))).doesNotExist();
    }

    @Test
    void refusesBlocksThatAreNoWholePages() throws IOException {
        List<String> files = names(fresh("part"), 2);
        Cli.run(line(List.of("--split", "--splitblock-size=5", vmcore.toString()), files))
                .fails("must be a multiple of the page size of 4096 bytes but was 5120");
        assertThat(Path.of(files.get(0))).doesNotExist();
    }

    @Test
    void triesTheNextLevelWhenAPartHasNoRoom() throws IOException {
        List<String> files = names(fresh("part"), 3);
        Cli run = done(line(List.of("--split", BLOCK, "-l", "-d", "0,31", "-L", "2M", vmcore.toString()), files));
        assertThat(run.out()).contains("size limit of 2097152 bytes", "all 3 parts are marked incomplete",
                "Retry to create a dumpfile by dump_level(31).", "The dumpfiles are saved to");
        assertJoinsTo(whole, files);
    }

    @Test
    void marksAllPartsAtTheSizeLimit() throws IOException {
        List<String> files = names(fresh("part"), 3);
        Cli run = Cli.run(line(List.of("--split", BLOCK, "-l", "-d", "0", "-L", "2M", vmcore.toString()), files));
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).contains("[" + files.get(1) + "] the size limit of 2097152 bytes is reached",
                "all 3 parts are marked incomplete");
        for (String file : files) {
            try (PlainKdumpReader part = new PlainKdumpReader(Path.of(file))) {
                assertThat(part.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
                assertThat(part.check()).isEmpty();
            }
        }
    }

    // Parts as the input -------------------------------------------------------------------------------------------

    @Test
    void readsPartsInAnyOrder() throws IOException {
        Path again = fresh("again");
        done(line(List.of("-l", "-d", "31"), parts.reversed(), again.toString()));
        assertThat(again).hasSameBinaryContentAs(whole);
    }

    @Test
    void splitsASplitDumpAgain() throws IOException {
        List<String> files = names(fresh("part"), 2);
        done(line(List.of("--split", BLOCK, "-l"), parts, files.get(0), files.get(1)));
        assertJoinsTo(whole, files);
    }

    @Test
    void readsPartsThatArePackedOrFlattened() throws IOException {
        List<String> packed = new ArrayList<>();
        for (String part : parts) {
            Path file = Path.of(part + ".gz");
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
                Files.copy(Path.of(part), out);
            }
            packed.add(file.toString());
        }
        Path again = fresh("again");
        done(line(List.of("-l", "--work-dir", directory.toString()), packed, again.toString()));
        assertThat(again).hasSameBinaryContentAs(whole);
        Path mixed = fresh("mixed");
        done("-l", "--work-dir", directory.toString(), parts.get(0), packed.get(1), parts.get(2), mixed.toString());
        assertThat(mixed).hasSameBinaryContentAs(whole);
        Path joined = fresh("joined");
        done(line(List.of("--reassemble", "--work-dir", directory.toString()), packed, joined.toString()));
        assertThat(joined).hasSameBinaryContentAs(whole);
    }

    @Test
    void sendsPartsDownAStream() throws IOException {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = Main.run(line(List.of("-F", "-l", "-d", "31"), parts), InputStream.nullInputStream(),
                new PrintStream(out, false, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8),
                new Invocation("vmsieve", Map.of(), false));
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
        Path again = fresh("again");
        assertThat(Cli.runWith(new ByteArrayInputStream(out.toByteArray()), "-R", again.toString()).code()).isZero();
        assertThat(again).hasSameBinaryContentAs(whole);
    }

    @Test
    void looksForTheLogInAllParts() throws IOException {
        Path log = fresh("log");
        assertThat(Cli.run(line(List.of("--dump-dmesg"), parts, log.toString())).code()).isZero();
        assertThat(log).content().endsWith("Kernel panic - not syncing: sysrq triggered crash\n");
    }

    @Test
    void saysWhatIsMissingBesideOnePart() throws IOException {
        Cli run = Cli.run("-l", "-d", "31", "--message-level", "4", parts.get(1), fresh("dump").toString());
        assertThat(run.err()).contains("[" + parts.get(1) + "] is one part of a split dump: it holds pfns 0x",
                "; give all parts as the input (PART... DUMPFILE), or join them with --reassemble");
        Cli two = Cli.run("-l", "-d", "31", "--message-level", "4", parts.get(0), parts.get(2),
                fresh("dump").toString());
        assertThat(two.err()).contains("split dump: no part holds pfns 0x");
    }

    @Test
    void marksTheDumpOfOnePartIncomplete() throws IOException {
        List<String> files = names(fresh("part"), 2);
        done(line(List.of("--split", BLOCK, "-l", "-d", "1", vmcore.toString()), files));
        Path dump = fresh("dump");
        Cli run = Cli.run("-l", files.get(0), dump.toString());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("pages are missing").doesNotContain("could not be read");
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
            assertThat(reader.check()).isEmpty();
        }
    }

    @Test
    void takesMoreOperandsForNothingButParts() throws IOException {
        Path dump = fresh("dump");
        String reason = "Operand " + dump + " is too many: expected VMCORE DUMPFILE.\n";
        for (String second : List.of(vmcore.toString(), parts.get(0), "/nonexistent")) {
            Cli.run("-l", vmcore.toString(), second, dump.toString()).prints(1, reason + Cli.INVALID + Cli.FAILED, "");
        }
        Cli.run("-l", whole.toString(), whole.toString(), dump.toString()).prints(1, reason + Cli.INVALID + Cli.FAILED,
                "");
        Cli.run(line(List.of("--check-params", "-l"), parts, dump.toString())).prints(1,
                "Operand " + parts.get(2) + " is too many: expected VMCORE DUMPFILE.\n" + Cli.INVALID, "");
        assertThat(dump).doesNotExist();
    }

    @Test
    void refusesWhatIsNoPartBesideOne() throws IOException {
        Path dump = fresh("dump");
        Cli.run("-l", parts.get(0), whole.toString(), dump.toString()).fails("it is a whole dump");
        Cli.run("-l", parts.get(0), "/nonexistent", dump.toString()).fails("[/nonexistent] No such file or directory");
        List<String> others = names(fresh("part"), 2);
        done(line(List.of("--split", BLOCK, "-z", "-d", "31", vmcore.toString()), others));
        Cli.run("-l", parts.get(0), others.get(1), dump.toString()).fails("are of another dump");
        Cli.run("-l", parts.get(0), parts.get(0), dump.toString()).fails("must not be held by two parts");
        assertThat(dump).doesNotExist();
    }

    /// `vmsieve -f -d 31 part*` must not end in the loss of the last part.
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void doesNotOverwriteAPartOfTheSet(int number) throws IOException {
        byte[] before = Files.readAllBytes(Path.of(parts.get(number - 1)));
        Cli.run(line(List.of("-f", "-l", "-d", "31"), parts.subList(0, number)))
                .fails("[" + parts.get(number - 1) + "] The output is a part of a split dump, like the input");
        assertThat(Path.of(parts.get(number - 1))).hasBinaryContent(before);
    }
}
