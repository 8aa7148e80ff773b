// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.DumpComparison;
import dev.vmsieve.fixtures.ElfComparison;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.KdumpFileBuilder;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SegmentData;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Whole runs with `-E`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ElfCommandTest {
    private static final long SEED = 99;

    @TempDir
    static Path directory;
    private final SyntheticKernel kernel = SyntheticKernel.demo(64, SEED);
    private Path vmcore = Path.of("");

    @BeforeAll
    void makeVmcore() throws IOException {
        vmcore = kernel.write(Files.createDirectories(directory.resolve("made")).resolve("vmcore"));
    }

    private static Path fresh(String name) throws IOException {
        return Files.createTempDirectory(directory, "run").resolve(name);
    }

    private void assertSound(Path dump) throws IOException {
        assertThat(ElfComparison.withSource(vmcore, dump, pfn -> true)).as("seed " + SEED).isEmpty();
    }

    private static int flags(Path dump) throws IOException {
        try (PlainElfReader elf = new PlainElfReader(dump)) {
            return elf.flags();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "17", "31"})
    void writesTheSameElfFileForEveryNumberOfThreads(String level) throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run("-E", "-d", level, "--message-level", "6", vmcore.toString(), dump.toString());
        assertThat(run.out()).isEqualTo("\nThe dumpfile is saved to " + dump + ".\n\nvmsieve Completed.\n");
        assertThat(run.code()).isZero();
        assertSound(dump);
        assertThat(flags(dump)).isZero();
        for (String threads : new String[]{"0", "1", "2", "5"}) {
            Path other = fresh("other");
            assertThat(Cli.run("-E", "-d", level, "--num-threads", threads, vmcore.toString(), other.toString()).code())
                    .isZero();
            assertThat(other).as(threads + " threads").hasSameBinaryContentAs(dump);
        }
    }

    @Test
    void reportsWhatIsInTheFile() throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run("-E", "-d", "31", "--message-level", "16", vmcore.toString(), dump.toString());
        long stored = 0;
        try (PlainElfReader elf = new PlainElfReader(dump)) {
            for (long pfn = 0; pfn < elf.maxMapnr(); pfn++) {
                stored += elf.stored(pfn) ? 1 : 0;
            }
        }
        long existing = kernel.expected(31).existing().cardinality();
        assertThat(run.out()).contains("STEP [Excluding zero pages       ] : ")
                .contains(
                        "    Pages filled with zero  : 0x" + String.format("%016x", kernel.expected(31).zero()) + "\n")
                .contains("\n     in ELF format : 0x" + String.format("%016x", existing - stored) + "\n")
                .contains("\n     in ELF format : 0x" + String.format("%016x", stored) + "\n");
        assertThat(run.code()).isZero();
    }

    @Test
    void sendsAnElfFileDownAStream() throws IOException {
        Path direct = fresh("direct");
        assertThat(Cli.run("-E", "-d", "31", vmcore.toString(), direct.toString()).code()).isZero();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(new String[]{"-F", "-E", "-d", "31", vmcore.toString()}, InputStream.nullInputStream(),
                new PrintStream(stream, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), new Invocation("vmsieve", Map.of(), false));
        assertThat(code).isZero();
        Path rearranged = fresh("rearranged");
        assertThat(Cli.runWith(new ByteArrayInputStream(stream.toByteArray()), "-R", rearranged.toString()).code())
                .isZero();
        assertThat(rearranged).hasSameBinaryContentAs(direct);
        // Flattened, it is an input as well.
        Path flat = Files.write(fresh("flat"), stream.toByteArray());
        Path again = fresh("again");
        assertThat(Cli.run("-E", "-d", "31", flat.toString(), again.toString()).code()).isZero();
        assertThat(again).hasSameBinaryContentAs(direct);
    }

    @Test
    void writesNothingInADryRun() throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run("-E", "-d", "31", "--dry-run", vmcore.toString(), dump.toString());
        assertThat(run.out()).contains("The dumpfile would be saved to " + dump);
        assertThat(run.code()).isZero();
        assertThat(dump).doesNotExist();
    }

    @Test
    void triesTheNextLevelWhereTheLimitIsReached() throws IOException {
        Path whole = fresh("whole");
        assertThat(Cli.run("-E", "-d", "31", vmcore.toString(), whole.toString()).code()).isZero();
        String limit = Long.toString(Files.size(whole));
        Path dump = fresh("dump");
        Cli run = Cli.run("-E", "-d", "0,31", "-L", limit, vmcore.toString(), dump.toString());
        assertThat(run.out()).contains("size limit of " + limit, "Retry to create a dumpfile by dump_level(31).");
        assertThat(run.code()).isZero();
        assertThat(dump).hasSameBinaryContentAs(whole);
    }

    @Test
    void keepsTheLastAttemptMarkedWhenNoLevelFits() throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run("-E", "-d", "0,1", "-L", "2M", vmcore.toString(), dump.toString());
        assertThat(run.out()).contains("Retry to create a dumpfile by dump_level(1).").endsWith(Cli.FAILED);
        assertThat(run.code()).isEqualTo(1);
        assertThat(Files.size(dump)).isLessThanOrEqualTo(2 << 20);
        assertThat(flags(dump)).isEqualTo(1);
        assertSound(dump);
        // What it holds can be filtered again, and the user is told that more there was.
        Path again = fresh("again");
        Cli second = Cli.run("-l", "-d", "0", dump.toString(), again.toString());
        assertThat(second.err() + second.out()).contains("[" + dump + "] the file says that it is incomplete");
    }

    @Test
    void becomesAKdumpFileLaterAsTheSourceDoes() throws IOException {
        Path elf = fresh("elf");
        assertThat(Cli.run("-E", "-d", "30", vmcore.toString(), elf.toString()).code()).isZero();
        Path later = fresh("later");
        assertThat(Cli.run("-l", "-d", "31", elf.toString(), later.toString()).code()).isZero();
        Path direct = fresh("direct");
        assertThat(Cli.run("-l", "-d", "31", vmcore.toString(), direct.toString()).code()).isZero();
        assertThat(DumpComparison.withPeer(later, direct)).as("seed " + SEED).isEmpty();
    }

    /// The page table tells where the kernel sees memory. Zero pages are in a kdump file, if only as references.
    @ParameterizedTest
    @ValueSource(strings = {"0", "31"})
    void makesAnElfFileOfAKdumpFile(String level) throws IOException {
        Path kdump = fresh("kdump");
        assertThat(Cli.run("-l", "-d", "30", vmcore.toString(), kdump.toString()).code()).isZero();
        Path direct = fresh("direct");
        assertThat(Cli.run("-E", "-d", level.equals("0") ? "30" : level, vmcore.toString(), direct.toString()).code())
                .isZero();
        Path dump = fresh("dump");
        Cli run = Cli.run("-E", "-d", level, kdump.toString(), dump.toString());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(ElfComparison.check(dump)).isEmpty();
        try (PlainElfReader found = new PlainElfReader(dump);
                PlainElfReader expected = new PlainElfReader(direct);
                PlainKdumpReader from = new PlainKdumpReader(kdump)) {
            assertThat(found.vmcoreinfo()).isEqualTo(expected.vmcoreinfo());
            assertThat(found.headers().get(1).vaddr()).isEqualTo(expected.headers().get(1).vaddr());
            assertThat(found.headers().get(1).paddr()).isEqualTo(expected.headers().get(1).paddr());
            assertThat(found.headers().getLast().vaddr() - found.headers().getLast().paddr())
                    .isEqualTo(kernel.directMap());
            for (long pfn = 0; pfn < expected.maxMapnr(); pfn++) {
                assertThat(found.exists(pfn)).as("pfn %d, seed %d", pfn, SEED).isEqualTo(expected.exists(pfn));
                if (from.dumped(pfn) && expected.stored(pfn)) {
                    assertThat(found.page(pfn)).as("pfn %d, seed %d", pfn, SEED).isEqualTo(from.page(pfn));
                }
            }
        }
    }

    @Test
    void refusesAKdumpFileWithoutAKernelByName() throws IOException {
        Path kdump = new KdumpFileBuilder().maxMapnr(100).raw(5, PagePattern.TEXT.page(5, SEED)).write(fresh("kdump"));
        Path dump = fresh("dump");
        Cli run = Cli.run("-E", kdump.toString(), dump.toString());
        assertThat(run.err()).endsWith("vmsieve: [" + kdump + "] an ELF file (-E) of a kdump file needs the kernel's"
                + " addresses of memory, which its page table does not tell\n");
        assertThat(run.code()).isEqualTo(1);
        assertThat(dump).doesNotExist();
    }

    private static Path core32(int machine) throws IOException {
        return new ElfCoreBuilder().elf32().machine(machine).prstatus(1)
                .load(0x1000, 0xc000_1000L, 300 * 4096, SegmentData.pattern(0x1000, PagePattern.POINTERS, SEED))
                .load(0x80_0000, 0xc080_0000L, 1000 * 4096, SegmentData.zeros()).write(fresh("core32"));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 40})
    void makesAnElf32FileOfAnElf32File(int machine) throws IOException {
        Path core = core32(machine);
        for (String level : new String[]{"0", "1"}) {
            Path dump = fresh("dump");
            Cli run = Cli.run("-E", "-d", level, core.toString(), dump.toString());
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(ElfComparison.withSource(core, dump, pfn -> false)).isEmpty();
            try (PlainElfReader elf = new PlainElfReader(dump)) {
                assertThat(elf.wordBytes()).isEqualTo(4);
                assertThat(elf.machine()).isEqualTo(machine);
                assertThat(elf.stored(2)).isTrue();
            }
        }
    }

    @Test
    void refusesWhatItCannotDoWithA32BitKernel() throws IOException {
        Path core = core32(3);
        Path dump = fresh("dump");
        Cli run = Cli.run("-l", "-d", "0", core.toString(), dump.toString());
        assertThat(run.err()).endsWith("vmsieve: [" + core + "] kdump files of i686 machines, whose words have 32 bits,"
                + " are not supported; an ELF file (-E) can be made\n");
        assertThat(run.code()).isEqualTo(1);
        Cli.run("-E", "-d", "31", core.toString(), dump.toString()).fails("page tables of e_machine 3");
        assertThat(dump).doesNotExist();
    }
}
