// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.SyntheticKernel;
import dev.vmsieve.fixtures.SyntheticLog;

/// `--dump-dmesg` and `--partial-dmesg` on dumps of kernels of every age.
class KernelLogCommandTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int ROOM = 14;
    private static final int RECORDS = 8;
    private static final String TRAILER = "\nThe dmesg log is saved to %s.\n\nvmsieve Completed.\n";

    @TempDir
    Path directory;

    /// What a boot logs, so often.
    private static SyntheticLog log(KernelEra era, int messages, int ringBits, int countBits) {
        var log = new SyntheticLog(era, ringBits, countBits);
        for (int i = 0; i < messages; i++) {
            log.add(i * 333_000_777L, i % 5 == 0 ? SyntheticLog.CPU | i % 4 : i * 37L,
                    switch (i % 6) {
                        case 0 -> "Linux version " + i;
                        case 1 -> "two lines,\nthe second " + "x".repeat(i % 17);
                        case 2 -> "caf\u00e9 \u00ff \t and \u001b[1m";
                        case 3 -> "";
                        case 4 -> "usb 1-1: message number " + i + ", " + "=".repeat(i * 7 % 90);
                        default -> "end of round " + i / 6;
                    });
            if (i == messages * 3 / 4) {
                log.clear();
            }
        }
        return log;
    }

    private Path vmcore(KernelEra era, SyntheticLog log) throws IOException {
        return SyntheticKernel.builder(era).log(log).build().write(directory.resolve("vmcore"));
    }

    private byte[] dmesg(Path vmcore, String... options) throws IOException {
        Path file = Files.createTempDirectory(directory, "log").resolve("dmesg.txt");
        String[] args = new String[options.length + 3];
        args[0] = "--dump-dmesg";
        System.arraycopy(options, 0, args, 1, options.length);
        args[options.length + 1] = vmcore.toString();
        args[options.length + 2] = file.toString();
        Cli run = assertTimeoutPreemptively(LIMIT, () -> Cli.run(args));
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo(TRAILER.formatted(file));
        assertThat(run.code()).isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        return Files.readAllBytes(file);
    }

    private static void assertSame(byte[] found, byte[] expected) {
        assertThat(new String(found, StandardCharsets.ISO_8859_1))
                .isEqualTo(new String(expected, StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @EnumSource(KernelEra.class)
    void printsTheLogOfEveryEra(KernelEra era) throws IOException {
        SyntheticLog log = log(era, 100, ROOM, RECORDS);
        Path vmcore = vmcore(era, log);
        assertThat(log.expected(false).length).isGreaterThan(3000);
        assertSame(dmesg(vmcore), log.expected(false));
    }

    /// Rings in which the oldest went long ago, by space and by number.
    @ParameterizedTest
    @EnumSource(KernelEra.class)
    void printsWhatAFullRingStillHolds(KernelEra era) throws IOException {
        for (int messages : new int[]{299, 300, 301, 302, 303, 304, 305}) {
            SyntheticLog bySpace = log(era, messages, 11, 10);
            assertSame(dmesg(vmcore(era, bySpace)), bySpace.expected(false));
        }
        SyntheticLog byNumber = log(era, 300, 16, 5);
        assertSame(dmesg(vmcore(era, byNumber)), byNumber.expected(false));
    }

    @ParameterizedTest
    @EnumSource(value = KernelEra.class, mode = EnumSource.Mode.EXCLUDE, names = {"V3_2", "V4_4"})
    void printsWhatCameAfterTheLastClear(KernelEra era) throws IOException {
        SyntheticLog log = log(era, 100, ROOM, RECORDS);
        byte[] partial = dmesg(vmcore(era, log), "--partial-dmesg");
        assertSame(partial, log.expected(true));
        assertThat(partial.length).isLessThan(log.expected(false).length / 2).isPositive();
    }

    /// Before 4.5 the kernel does not tell where the log was cleared; makedumpfile prints all of it too.
    @Test
    void printsAllWhereTheKernelDoesNotTellOfTheClear() throws IOException {
        SyntheticLog log = log(KernelEra.V4_4, 100, ROOM, RECORDS);
        Path vmcore = vmcore(KernelEra.V4_4, log);
        Cli run = Cli.run("--dump-dmesg", "--partial-dmesg", vmcore.toString(), directory.resolve("log").toString());
        assertThat(run.code()).isZero();
        assertThat(run.err()).isEqualTo("vmsieve: [" + vmcore + "] kernel log: VMCOREINFO lacks SYMBOL(clear_idx), as"
                + " before 4.5; where the log was cleared is not known, and all of it is printed\n");
        assertSame(Files.readAllBytes(directory.resolve("log")), log.expected(false));
    }

    /// makedumpfile 1.7.9 looks for the id at which the log was cleared, and does not end where that is overwritten.
    @ParameterizedTest
    @EnumSource(value = KernelEra.class, mode = EnumSource.Mode.EXCLUDE, names = {"V3_2", "V4_4", "V4_15", "V5_4"})
    void printsAllWhereTheClearWasLongAgo(KernelEra era) throws IOException {
        var log = new SyntheticLog(era, 12, 4);
        log.add(0, 1, "before").clear();
        for (int i = 0; i < 500; i++) {
            log.add(i * 1_000_000L, 1, "after " + i);
        }
        byte[] partial = dmesg(vmcore(era, log), "--partial-dmesg");
        assertSame(partial, log.expected(false));
        assertThat(new String(partial, StandardCharsets.US_ASCII)).contains("after 499\n").doesNotContain("before");
    }

    /// makedumpfile 1.7.9 takes a block that ends where the ring ends for one that lies at its start.
    @Test
    void printsATextThatEndsWhereTheRingEnds() throws IOException {
        var log = new SyntheticLog(KernelEra.V7_2, 10, 6);
        for (int i = 0; i < 96; i++) {
            log.add(i, 1, "message %03d, 24 bytes...".formatted(i));
        }
        byte[] found = dmesg(vmcore(KernelEra.V7_2, log));
        assertSame(found, log.expected(false));
        assertThat(new String(found, StandardCharsets.US_ASCII).lines()).hasSize(32).allMatch(
                line -> line.endsWith(", 24 bytes..."));
    }

    /// makedumpfile 1.7.9 prints \xffffffc3 where characters are signed.
    @Test
    void printsBytesThatAreNoTextAsTwoDigits() throws IOException {
        var log = new SyntheticLog(KernelEra.V6_1, 12, 4).add(0, 9, "\u00c3\u00a9\u0000\u007f");
        assertThat(new String(dmesg(vmcore(KernelEra.V6_1, log)), StandardCharsets.US_ASCII))
                .isEqualTo("[    0.000000] [      T9] \\xc3\\xa9\\x00\\x7f\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-l -d 31", "-c -d 1", "-z -d 17", "-d 0"})
    void findsTheLogInADumpThatWasFiltered(String options) throws IOException {
        SyntheticLog log = log(KernelEra.V6_12, 200, ROOM, RECORDS);
        Path vmcore = vmcore(KernelEra.V6_12, log);
        Path dump = directory.resolve("dump");
        String[] words = (options + " " + vmcore + " " + dump).split(" ", -1);
        assertThat(Cli.run(words).code()).isZero();
        assertSame(dmesg(dump), log.expected(false));
        assertSame(dmesg(dump, "--partial-dmesg"), log.expected(true));
    }

    @Test
    void findsTheLogInAPackedDump() throws IOException {
        SyntheticLog log = log(KernelEra.V5_4, 200, ROOM, RECORDS);
        Path vmcore = vmcore(KernelEra.V5_4, log);
        Path packed = directory.resolve("vmcore.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            Files.copy(vmcore, out);
        }
        Path file = directory.resolve("dmesg.txt");
        Cli run = Cli.run("--dump-dmesg", "--work-dir", directory.toString(), packed.toString(), file.toString());
        assertThat(run.err()).contains("packed with gzip").hasLineCount(1);
        assertThat(run.code()).isZero();
        assertSame(Files.readAllBytes(file), log.expected(false));
    }

    @ParameterizedTest
    @CsvSource({"V3_2", "V4_15", "V6_1"})
    void sendsTheLogAsPlainTextDownAStream(KernelEra era) throws IOException {
        SyntheticLog log = log(era, 60, ROOM, RECORDS);
        Path vmcore = vmcore(era, log);
        String expected = new String(log.expected(false), StandardCharsets.ISO_8859_1);
        Cli.run("--dump-dmesg", "-F", vmcore.toString()).prints(0,
                new String(expected.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8),
                TRAILER.formatted("STDOUT"));
    }

    @Test
    void holdsTheLogToASize() throws IOException {
        SyntheticLog log = log(KernelEra.V6_1, 100, ROOM, RECORDS);
        Path vmcore = vmcore(KernelEra.V6_1, log);
        Path file = directory.resolve("limited.txt");
        Cli.run("--dump-dmesg", "-L", "1000", vmcore.toString(), file.toString())
                .fails("[" + file + "] the log is not complete: the size limit of 1000 bytes is reached");
        assertThat(file).hasSize(1000);
        assertThat(new String(log.expected(false), StandardCharsets.ISO_8859_1))
                .startsWith(Files.readString(file, StandardCharsets.ISO_8859_1));
    }

    @Test
    void leavesNoFileWhereTheLogCannotBeFound() throws IOException {
        Path vmcore = SyntheticKernel.builder(KernelEra.V6_1).build().write(directory.resolve("vmcore"));
        Path file = directory.resolve("dmesg.txt");
        Cli run = Cli.run("--dump-dmesg", vmcore.toString(), file.toString());
        assertThat(run.code()).isOne();
        assertThat(run.err()).contains("SYMBOL(prb)").hasLineCount(1);
        assertThat(file).doesNotExist();
        Files.writeString(file, "an earlier log");
        assertThat(Cli.run("--dump-dmesg", "-f", vmcore.toString(), file.toString()).code()).isOne();
        assertThat(file).hasContent("an earlier log");
    }

    @Test
    void makesAnEmptyFileOfAnEmptyLog() throws IOException {
        assertThat(dmesg(vmcore(KernelEra.V6_1, new SyntheticLog(KernelEra.V6_1, ROOM, RECORDS)))).isEmpty();
    }
}
