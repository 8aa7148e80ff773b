// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.fixtures.HugeKernel;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// Peak resident memory in a process with the flags of the runtime image: how much more a machine of terabytes takes
/// than a small one. Without the image's cache every run takes some megabytes more, the small one as well.
class MemoryBudgetTest {
    /// Of it 2 MiB a bitmap are settled chunks.
    static final long MOST_GROWTH_KIB = 11 << 10;
    private static final long MOST_A_THREAD_KIB = 2 << 10;
    private static final long TIB = 1L << 40;
    /// Of the main header's status (formats: kdump main header).
    private static final long STATUS_OFFSET = 424;

    @TempDir
    private Path folder;

    @Test
    void takesNoMoreForATebibyteThanForASmallMachine() throws IOException, InterruptedException {
        long small = peakKib(vmcore(2L << 30), 1);
        long large = peakKib(vmcore(TIB), 1);
        assertThat(large - small).as("%d KiB against %d", large, small).isLessThanOrEqualTo(MOST_GROWTH_KIB);
    }

    @Test
    void takesTwoMebibytesForEachThread() throws IOException, InterruptedException {
        Path vmcore = vmcore(256L << 30);
        long one = peakKib(vmcore, 1);
        long five = peakKib(vmcore, 5);
        assertThat(five - one).as("%d KiB against %d", five, one).isLessThanOrEqualTo(4 * MOST_A_THREAD_KIB);
    }

    /// Its tables are made for pages, whatever the level.
    @Test
    void takesNoMoreForTheGreatestZstdLevel() throws IOException, InterruptedException {
        Path vmcore = vmcore(64L << 30);
        long least = peakKib(vmcore, 1, "-z", "--zstd-level=-7");
        long most = peakKib(vmcore, 1, "-z", "--zstd-level=19");
        long five = peakKib(vmcore, 5, "-z", "--zstd-level=19");
        assertThat(most - least).as("%d KiB against %d", most, least).isLessThanOrEqualTo(MOST_A_THREAD_KIB);
        assertThat(five - most).as("%d KiB against %d", five, most).isLessThanOrEqualTo(4 * MOST_A_THREAD_KIB);
    }

    /// Of the dump's own bitmaps most stays in it; of one cut short those of the pages it really has go to a file.
    @Test
    void takesNoMoreToFilterTheDumpOfALargeMachineAgain() throws IOException, InterruptedException {
        long small = peakKib("-f", "-d", "31", "--num-threads", "1", dump(2L << 30).toString(),
                folder.resolve("again").toString());
        Path dump = dump(TIB / 2);
        Path again = folder.resolve("again");
        long large = peakKib("-f", "-d", "31", "--num-threads", "1", dump.toString(), again.toString());
        assertThat(again).hasSameBinaryContentAs(dump);
        assertThat(large - small).as("%d KiB against %d", large, small).isLessThanOrEqualTo(MOST_GROWTH_KIB);
        try (FileChannel file = FileChannel.open(dump, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(1).put(0, (byte) PlainKdumpReader.INCOMPLETE), STATUS_OFFSET);
        }
        long cut = peakKib("-f", "-d", "31", "--num-threads", "1", "--work-dir", folder.toString(), dump.toString(),
                again.toString());
        assertThat(cut - small).as("%d KiB against %d", cut, small).isLessThanOrEqualTo(MOST_GROWTH_KIB);
    }

    /// An ELF file is laid out before its first page is written: by counting, and not by keeping what was counted.
    @Test
    void takesNoMoreToMakeAnElfFileOfTheDumpOfALargeMachine() throws IOException, InterruptedException {
        String elf = folder.resolve("elf").toString();
        long small = peakKib("-f", "-E", "-d", "31", "--num-threads", "1", dump(2L << 30).toString(), elf);
        long large = peakKib("-f", "-E", "-d", "31", "--num-threads", "1", dump(TIB / 2).toString(), elf);
        assertThat(large - small).as("%d KiB against %d", large, small).isLessThanOrEqualTo(MOST_GROWTH_KIB);
    }

    /// With a part missing the pages there are must be told from those that are not, for all of the machine's memory.
    @Test
    void takesNoMoreToFilterThePartsOfALargeMachineAgain() throws IOException, InterruptedException {
        List<Path> few = parts(2L << 30);
        List<Path> many = parts(TIB / 4);
        long small = peakOfPartsKib(few);
        long large = peakOfPartsKib(many);
        assertThat(large - small).as("%d KiB against %d", large, small).isLessThanOrEqualTo(MOST_GROWTH_KIB);
        long fewOfSmall = peakOfPartsKib(few.subList(0, 2));
        long fewOfLarge = peakOfPartsKib(many.subList(0, 2));
        assertThat(fewOfLarge - fewOfSmall).as("%d KiB against %d", fewOfLarge, fewOfSmall)
                .isLessThanOrEqualTo(MOST_GROWTH_KIB);
    }

    private List<Path> parts(long bytes) throws IOException {
        List<Path> parts = Stream.of("part1-", "part2-", "part3-").map(name -> folder.resolve(name + bytes)).toList();
        List<String> line = new ArrayList<>(List.of("-f", "-l", "-d", "31", "--split", vmcore(bytes).toString()));
        parts.forEach(part -> line.add(part.toString()));
        assertThat(Cli.run(line.toArray(String[]::new)).code()).isZero();
        return parts;
    }

    private long peakOfPartsKib(List<Path> parts) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(
                List.of("-f", "-d", "1", "--num-threads", "1", "--work-dir", folder.toString()));
        parts.forEach(part -> line.add(part.toString()));
        line.add(folder.resolve("whole").toString());
        return peakKib(line.toArray(String[]::new));
    }

    @Test
    void takesNoMoreToTellWhatALargeMachineHolds() throws IOException, InterruptedException {
        long small = peakKib("--mem-usage", "--num-threads", "1", vmcore(2L << 30).toString());
        long large = peakKib("--mem-usage", "--num-threads", "1", "--work-dir", folder.toString(),
                vmcore(TIB).toString());
        assertThat(large - small).as("%d KiB against %d", large, small).isLessThanOrEqualTo(MOST_GROWTH_KIB);
    }

    private Path dump(long bytes) throws IOException {
        Path dump = folder.resolve("dump-" + bytes);
        assertThat(Cli.run("-f", "-d", "31", vmcore(bytes).toString(), dump.toString()).code()).isZero();
        return dump;
    }

    /// A minute or two a 16 TiB, so only on demand: VMSIEVE_HUGE=1.
    @ParameterizedTest
    @CsvSource({"16, -l", "64, -l", "16, -E"})
    void takesNoMoreForTheLargestMachines(long tebibytes, String form) throws IOException, InterruptedException {
        assumeThat(System.getenv("VMSIEVE_HUGE")).isNotNull();
        long small = peakKib(vmcore(2L << 30), 1, form);
        long large = peakKib(vmcore(tebibytes * TIB), 1, form);
        assertThat(large - small).as("%d KiB against %d", large, small).isLessThanOrEqualTo(MOST_GROWTH_KIB);
    }

    private Path vmcore(long bytes) throws IOException {
        Path path = new HugeKernel(KernelEra.V6_12, bytes).write(folder.resolve("vmcore-" + bytes));
        try (PlainElfReader elf = new PlainElfReader(path)) {
            assertThat(elf.maxMapnr() * 4096).isEqualTo(bytes);
        }
        return path;
    }

    private long peakKib(Path vmcore, int threads) throws IOException, InterruptedException {
        return peakKib(vmcore, threads, "-l");
    }

    private long peakKib(Path vmcore, int threads, String... options) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(
                List.of("-f", "-d", "31", "--num-threads", Integer.toString(threads), "--message-level", "4"));
        line.addAll(List.of(options));
        line.addAll(List.of(vmcore.toString(), folder.resolve("dump").toString()));
        return peakKib(line.toArray(String[]::new));
    }

    private long peakKib(String... line) throws IOException, InterruptedException {
        return PeakMemory.kibOf(folder, line);
    }
}
