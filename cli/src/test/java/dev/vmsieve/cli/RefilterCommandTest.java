// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.DumpComparison;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Dumps filtered again by the command line: what is copied, what it saves, and when nothing is written.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefilterCommandTest {
    private static final long SEED = 31;

    @TempDir
    static Path directory;
    private Path vmcore = Path.of("");
    private Path old = Path.of("");

    @BeforeAll
    void makeDumps() throws IOException {
        vmcore = SyntheticKernel.demo(64, SEED).write(directory.resolve("vmcore"));
        old = directory.resolve("dump.old");
        assertThat(Cli.run("-l", "-d", "1", vmcore.toString(), old.toString()).code()).isZero();
    }

    private static Path fresh() throws IOException {
        return Files.createTempDirectory(directory, "run").resolve("dump.new");
    }

    @Test
    void keepsTheCodecWhereNoneIsAskedFor() throws IOException {
        Path kept = fresh();
        Path same = fresh();
        Path direct = fresh();
        assertThat(Cli.run("-d", "31", old.toString(), kept.toString()).code()).isZero();
        assertThat(Cli.run("-l", "-d", "31", old.toString(), same.toString()).code()).isZero();
        assertThat(Cli.run("-l", "-d", "31", vmcore.toString(), direct.toString()).code()).isZero();
        assertThat(kept).hasSameBinaryContentAs(same);
        assertThat(DumpComparison.withPeer(kept, direct)).isEmpty();
        try (PlainKdumpReader dump = new PlainKdumpReader(kept)) {
            assertThat(dump.status()).isEqualTo(PlainKdumpReader.LZO);
            assertThat(dump.dumpLevel()).isEqualTo(31);
        }
    }

    @ParameterizedTest
    @CsvSource({"'',31,1", "-l,31,3", "-z,31,2", "-c,8,1", "'',0,4", "-p,1,2"})
    void aDryRunTellsTheSizeAndTheSaving(String codec, String level, String threads) throws IOException {
        for (Path input : new Path[]{old, vmcore}) {
            Path dump = fresh();
            String[] line = {"-d", level, "--message-level", "2", "--num-threads", threads, codec, input.toString(),
                    dump.toString()};
            String[] real = codec.isEmpty() ? without(line, 6) : line;
            String[] dry = real.clone();
            dry[2] = "--dry-run";
            dry[3] = "--message-level=2";
            Cli told = Cli.run(dry);
            assertThat(dump).doesNotExist();
            assertThat(Cli.run(real).code()).isZero();
            long before = Files.size(input);
            long after = Files.size(dump);
            String difference = after > before
                    ? after - before + " bytes more"
                    : before - after + " bytes (" + (before - after) * 1000 / before / 10 + "."
                            + (before - after) * 1000 / before % 10 + " %) less";
            told.prints(0, "\nThe dumpfile would be saved to " + dump + ".\nIt would have " + after + " bytes: "
                    + (after == before ? "as many as " : difference + " than ") + input + ".\n\nvmsieve Completed.\n",
                    "");
        }
    }

    private static String[] without(String[] line, int index) {
        String[] rest = new String[line.length - 1];
        System.arraycopy(line, 0, rest, 0, index);
        System.arraycopy(line, index + 1, rest, index, rest.length - index);
        return rest;
    }

    @ParameterizedTest
    @ValueSource(strings = {"-l", "-z"})
    void writesTheDumpWhereItSavesEnough(String codec) throws IOException {
        Path dump = fresh();
        Path plain = fresh();
        Cli run = Cli.run(codec, "-d", "31", "--min-saving", "10", "--message-level", "2", old.toString(),
                dump.toString());
        run.prints(0, "\nThe dumpfile is saved to " + dump + ".\n\nvmsieve Completed.\n", "");
        assertThat(Cli.run(codec, "-d", "31", old.toString(), plain.toString()).code()).isZero();
        assertThat(dump).hasSameBinaryContentAs(plain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-l", "-z"})
    void leavesTheDumpAloneWhereItSavesTooLittle(String codec) throws IOException {
        Path dump = fresh();
        Cli run = Cli.runAs("makedumpfile", Map.of(), codec, "-d", "17", "--min-saving", "99", "--message-level", "2",
                old.toString(), dump.toString());
        assertThat(run.out()).matches("\\[" + old + "\\] is left alone, since the new dump would have \\d+ bytes: \\d+"
                + " bytes \\(\\d+\\.\\d %\\) less than " + old + ", and --min-saving asks for 99 %\\.\n");
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isEqualTo(3);
        assertThat(dump).doesNotExist();
    }

    @Test
    void leavesAnExistingOutputAsItIs() throws IOException {
        Path dump = Files.writeString(fresh(), "precious");
        Cli run = Cli.run("-f", "-d", "1", "--min-saving", "1", old.toString(), dump.toString());
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.out()).contains("would have " + Files.size(old) + " bytes: as many as " + old);
        assertThat(dump).hasContent("precious");
        assertThat(Cli.run("-f", "-d", "1", "--min-saving", "0", old.toString(), dump.toString()).code()).isZero();
        assertThat(dump).hasSameBinaryContentAs(old);
        Cli.run("-d", "31", "--min-saving", "0", old.toString(), dump.toString()).fails("File exists");
    }

    @Test
    void sendsNothingDownAStreamWhereItSavesTooLittle() {
        Cli run = Cli.run("-F", "-d", "1", "--min-saving", "1", old.toString());
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("is left alone");
        assertThat(run.code()).isEqualTo(3);
    }

    @Test
    void aDryRunSaysWhetherItWouldBeWorthIt() throws IOException {
        Path dump = fresh();
        assertThat(Cli.run("--dry-run", "-d", "31", "--min-saving", "10", old.toString(), dump.toString()).code())
                .isZero();
        assertThat(Cli.run("--dry-run", "-d", "31", "--min-saving", "100", old.toString(), dump.toString()).code())
                .isEqualTo(3);
        assertThat(dump).doesNotExist();
    }

    @Test
    void comparesWithThePackedSizeOfAPackedInput() throws IOException {
        Path packed = directory.resolve("dump.old.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            Files.copy(old, out);
        }
        Cli run = Cli.run("--work-dir", directory.toString(), "-d", "1", "--min-saving", "0", packed.toString(),
                fresh().toString());
        assertThat(run.out()).contains("would have " + Files.size(old) + " bytes: "
                + (Files.size(old) - Files.size(packed)) + " bytes more than " + packed);
        assertThat(run.code()).isEqualTo(3);
    }

    @Test
    void comparesThePartsOfASplitDumpTogether() throws IOException {
        Path parts = fresh().resolveSibling("part");
        String[] names = {parts + "1", parts + "2"};
        Cli told = Cli.run("--dry-run", "--split", "-d", "31", old.toString(), names[0], names[1]);
        assertThat(Cli.run("--split", "-d", "31", old.toString(), names[0], names[1]).code()).isZero();
        long bytes = Files.size(Path.of(names[0])) + Files.size(Path.of(names[1]));
        assertThat(told.out()).contains("\nTogether they would have " + bytes + " bytes: " + (Files.size(old) - bytes)
                + " bytes (");
        Cli again = Cli.run("-d", "31", "--min-saving", "50", names[0], names[1], fresh().toString());
        assertThat(again.out()).contains(" less than the 2 parts from " + names[0] + " on, and --min-saving asks");
        assertThat(again.code()).isEqualTo(3);
    }

    @Test
    void tellsTheSizeThatAStreamHasOnceRearranged() throws IOException {
        Path direct = fresh();
        assertThat(Cli.run("-d", "31", old.toString(), direct.toString()).code()).isZero();
        Cli run = Cli.run("-F", "--dry-run", "-d", "31", old.toString());
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("It would have " + Files.size(direct) + " bytes once rearranged: ");
    }

    @Test
    void needsAnInputWithASize() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        Path dump = fresh();
        Cli.run("--min-saving", "5", fifo.toString(), dump.toString())
                .fails("[" + fifo + "] input: must be a regular file for --min-saving");
        assertThat(dump).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"101", "-1", "x", "10%", ""})
    void refusesPercentagesThatAreNone(String percent) throws IOException {
        Cli run = Cli.run("--min-saving=" + percent, old.toString(), fresh().toString());
        assertThat(run.out()).contains("Minimum saving(" + percent + ") is invalid.");
        assertThat(run.code()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-R --min-saving 1 a", "--reassemble --min-saving 1 a b c",
            "--dump-dmesg --min-saving 1 a b", "-g a -x b --min-saving 1"})
    void refusesAMinimumSavingWhereNoDumpIsMade(String line) {
        Cli run = Cli.run(line.split(" ", -1));
        assertThat(run.out()).contains("--min-saving cannot be used with ");
        assertThat(run.code()).isEqualTo(1);
    }
}
