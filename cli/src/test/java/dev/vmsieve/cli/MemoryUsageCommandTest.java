// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.ExpectedPages;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.SegmentData;
import dev.vmsieve.fixtures.SyntheticKernel;
import dev.vmsieve.fixtures.SyntheticKernel.Kcore;

/// `--mem-usage` on synthetic kernels: their dumps, and what they would show as /proc/kcore.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MemoryUsageCommandTest {
    private static final long SEED = 17;
    private static final long PAGE = 4096;

    @TempDir
    static Path directory;
    private final SyntheticKernel kernel = SyntheticKernel.demo(64, SEED);
    private Path vmcore = Path.of("");

    @BeforeAll
    void makeVmcore() throws IOException {
        vmcore = kernel.write(directory.resolve("vmcore"));
    }

    private static String row(String name, long pages, String rest) {
        return name + String.format("%-16d\t%s\n", pages, rest);
    }

    private static String table(ExpectedPages expected) {
        long existing = expected.existing().cardinality();
        long kernelData = expected.dumpable().cardinality() - expected.zero();
        return "\nTYPE\t\tPAGES\t\t\tEXCLUDABLE\tDESCRIPTION\n" + "-".repeat(70) + "\n"
                + row("ZERO\t\t", expected.zero(), "yes\t\tPages filled with zero")
                + row("NON_PRI_CACHE\t", expected.nonPrivateCache(), "yes\t\tCache pages without private flag")
                + row("PRI_CACHE\t", expected.privateCache(), "yes\t\tCache pages with private flag")
                + row("USER\t\t", expected.user(), "yes\t\tUser process pages")
                + row("FREE\t\t", expected.free(), "yes\t\tFree pages")
                + row("OFFLINE\t\t", expected.offline(), "always\t\tOffline and ballooned pages")
                + row("HWPOISON\t", expected.hwpoison(), "always\t\tPages with a memory error")
                + row("CRASHKERNEL\t", 0, "always\t\tReserved for the crash kernel")
                + row("KERN_DATA\t", kernelData, "no\t\tDumpable kernel data")
                + String.format("\npage size:\t\t%-16d\n", PAGE)
                + String.format("Total pages on system:\t%-16d\n", existing)
                + String.format("Total size on system:\t%-16d Byte\n", existing * PAGE);
    }

    @Test
    void countsEachPageOfADumpOnceAndTellsWhatEachLevelHolds() {
        ExpectedPages expected = kernel.expected(31);
        Cli run = Cli.run("--mem-usage", vmcore.toString());
        assertThat(run.err()).isEqualTo("vmsieve: [" + vmcore
                + "] struct page: 1 free pages with an impossible order; they are kept\n");
        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith(table(expected)).doesNotContain("Completed");
        long everything = kernel.expected(0).dumpable().cardinality();
        assertThat(run.out()).contains("\nA dump made now would hold, before compression:\n  -d 31  ")
                .contains(level("-d 31 ", "", expected.dumpable().cardinality() - expected.zero(), "kernel data only"))
                .contains(level("-d 23 ", "at most ",
                        kernel.expected(23).dumpable().cardinality() - expected.zero(),
                        "kernel data and user process pages"))
                .contains(level("-d 17 ", "at most ", everything - expected.free() - expected.zero(),
                        "all but free pages and those filled with zero"))
                .contains(level("-d 1  ", "at most ", everything - expected.zero(), "all but pages filled with zero"))
                .contains(level("-d 0  ", "", everything, "everything"))
                .endsWith("With -c, -l, -p or -z beside --mem-usage it is told compressed.\n");
    }

    private static String level(String option, String bound, long pages, String what) {
        double mebibytes = Math.floor(pages * PAGE / 1048576.0 * 10) / 10;
        return String.format("  %s%8s%8.1f MiB  %s\n", option, bound, mebibytes, what);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-c", "-l", "-p", "-z"})
    void tellsTheSizeThatTheFileThenHas(String codec) throws IOException {
        Path dump = Files.createTempDirectory(directory, "dump").resolve("dump");
        assertThat(Cli.run(codec, "-d", "31", vmcore.toString(), dump.toString()).code()).isZero();
        Cli run = Cli.run("--mem-usage", codec, "--num-threads", "3", vmcore.toString());
        assertThat(run.out())
                .contains("The file at " + codec + " -d 31 would have ", " (" + Files.size(dump) + " bytes).\n");
        assertThat(run.code()).isZero();
    }

    @Test
    void namesTheLevelOfZstdThatTheSizeIsOf() throws IOException {
        Path dump = Files.createTempDirectory(directory, "dump").resolve("dump");
        assertThat(Cli.run("-z", "--zstd-level=9", "-d", "31", vmcore.toString(), dump.toString()).code()).isZero();
        Cli run = Cli.run("--mem-usage", "-z", "--zstd-level=9", vmcore.toString());
        assertThat(run.out()).contains("The file at -z --zstd-level=9 -d 31 would have ",
                " (" + Files.size(dump) + " bytes).\n");
    }

    @Test
    void countsOfAFilteredDumpOnlyWhatItHolds() throws IOException {
        Path dump = Files.createTempDirectory(directory, "dump").resolve("dump");
        assertThat(Cli.run("-l", "-d", "27", vmcore.toString(), dump.toString()).code()).isZero();
        ExpectedPages held = kernel.expected(27);
        ExpectedPages all = kernel.expected(31);
        Cli run = Cli.run("--mem-usage", "-l", dump.toString());
        assertThat(run.err()).doesNotContain("zone.vm_stat", "may not be understood");
        assertThat(run.code()).isZero();
        assertThat(all.privateCache()).isPositive();
        assertThat(run.out())
                .contains(row("NON_PRI_CACHE\t", 0, "yes\t\tCache pages without private flag"),
                        row("PRI_CACHE\t", all.privateCache(), "yes\t\tCache pages with private flag"),
                        row("USER\t\t", 0, "yes\t\tUser process pages"), row("FREE\t\t", 0, "yes\t\tFree pages"),
                        row("OFFLINE\t\t", 0, "always\t\tOffline and ballooned pages"),
                        row("HWPOISON\t", 0, "always\t\tPages with a memory error"),
                        row("KERN_DATA\t", all.dumpable().cardinality() - all.zero(), "no\t\tDumpable kernel data"),
                        "\nThe input was filtered before, at dump level 27: only the pages that it holds are counted.\n",
                        level("-d 0  ", "", held.dumpable().cardinality(), "everything"));
    }

    @Test
    void printsTheSameForAnyNumberOfThreads() {
        String one = Cli.run("--mem-usage", "-l", "--num-threads", "1", vmcore.toString()).out();
        for (String threads : new String[]{"2", "5", "16"}) {
            assertThat(Cli.run("--mem-usage", "-l", "--num-threads", threads, vmcore.toString()).out()).isEqualTo(one);
        }
    }

    @ParameterizedTest
    @EnumSource(Kcore.class)
    void readsWhatAKernelShowsOfItself(Kcore kind) throws IOException {
        SyntheticKernel live = SyntheticKernel.builder(KernelEra.V6_1).ram(0x1000, 0x9f000)
                .ram(0x100000, 128L << 20).build();
        live.next(3, 20).buddy(3);
        live.next(0, 9).anon();
        live.next(0, 3).anon().hwpoison();
        live.next(0, 5).offline();
        Path kcore = live.kcore(kind).write(directory.resolve("kcore-" + kind));
        Cli run = Cli.run("--mem-usage", kcore.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith(table(live.expected(31)));
        assertThat(run.code()).isZero();
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        Path file = new ElfCoreBuilder().load(0x1000, 0xffff_8880_0000_1000L, 0x1000, SegmentData.zeros()).write(
                directory.resolve("nothing"));
        Cli.run("--mem-usage", file.toString()).fails("[" + file + "] VMCOREINFO: is neither in a note nor in memory");
        Cli.run("--mem-usage", directory.resolve("absent").toString()).fails("absent] No such file or directory");
    }

    @Test
    void takesThePartsOfASplitDump() throws IOException {
        Path folder = Files.createTempDirectory(directory, "parts");
        Path first = folder.resolve("part1");
        Path second = folder.resolve("part2");
        Path whole = folder.resolve("whole");
        assertThat(Cli.run("--split", "-l", "-d", "1", vmcore.toString(), first.toString(), second.toString()).code())
                .isZero();
        assertThat(Cli.run("-l", "-d", "1", vmcore.toString(), whole.toString()).code()).isZero();
        Cli parts = Cli.run("--mem-usage", second.toString(), first.toString());
        assertThat(parts.code()).as(parts.err()).isZero();
        assertThat(parts.out()).isEqualTo(Cli.run("--mem-usage", whole.toString()).out());
    }
}
