// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.SyntheticKernel;

/// `-x`, `-g` and `--vtop`. The vmlinux is a file of a few structures, made in filter's tests of debug information.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VmlinuxOptionTest {
    private static final String RELEASE = TinyVmlinux.RELEASE;

    @TempDir
    static Path directory;
    private Path vmcore = Path.of("");
    private Path vmlinux = Path.of("");
    /// The same, with the release that the vmcore has.
    private Path matching = Path.of("");
    private String release = "";

    @BeforeAll
    void makeInputs() throws IOException {
        Path made = Files.createDirectories(directory.resolve("made"));
        vmcore = SyntheticKernel.demo(64, 4711).write(made.resolve("vmcore"));
        release = TinyVmlinux.releaseOf(vmcore);
        vmlinux = TinyVmlinux.write(made.resolve("vmlinux"));
        matching = TinyVmlinux.write(made.resolve("vmlinux-matching"), release);
    }

    private Path fresh(String name) throws IOException {
        return Files.createTempDirectory(directory, "run").resolve(name);
    }

    private static Stream<String> namesBeside(Path file) throws IOException {
        try (Stream<Path> files = Files.list(file.resolveSibling("."))) {
            return files.map(path -> path.getFileName().toString()).toList().stream();
        }
    }

    @Test
    void generatesAVmcoreinfoFile() throws IOException {
        Path file = fresh("vmcoreinfo");
        Cli.run("-g", file.toString(), "-x", vmlinux.toString(), "--message-level", "6").prints(0,
                "\nThe vmcoreinfo is saved to " + file + ".\n\nvmsieve Completed.\n", "");
        assertThat(Files.readString(file)).startsWith("OSRELEASE=" + RELEASE + "\nPAGESIZE=4096\nSYMBOL(mem_section)=")
                .contains("\nSIZE(page)=64\n", "\nOFFSET(page.flags)=0\n").endsWith("\n");
        assertThat(namesBeside(file)).containsExactly("vmcoreinfo");
    }

    /// As scripts know it from makedumpfile.
    @Test
    void overwritesAVmcoreinfoFileAndKeepsItsModeAndLinks() throws IOException {
        Path file = fresh("vmcoreinfo");
        Files.writeString(file, "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(file.resolveSibling("link"), file.getFileName());
        assertThat(Cli.run("-g", link.toString(), "-x", vmlinux.toString()).code()).isZero();
        assertThat(Files.readString(file)).startsWith("OSRELEASE=" + RELEASE);
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-r-----");
        assertThat(namesBeside(file)).containsExactlyInAnyOrder("vmcoreinfo", "link");
    }

    @Test
    void leavesNothingWhenAVmcoreinfoFileCannotBeMade() throws IOException {
        Path file = fresh("vmcoreinfo");
        Cli.run("-g", file.toString(), "-x", vmcore.toString()).fails("e_type must be 2 or 3");
        Cli.run("-g", file.toString(), "-x", "/nonexistent").fails("[/nonexistent] No such file or directory");
        assertThat(namesBeside(file)).isEmpty();
        Files.writeString(file, "old");
        Cli.run("-g", file.toString(), "-x", vmcore.toString()).fails("e_type must be 2 or 3");
        assertThat(Files.readString(file)).isEqualTo("old");
        Path copy = Files.copy(vmlinux, file.resolveSibling("vmlinux"));
        Cli.run("-g", copy.toString(), "-x", copy.toString()).fails("it would be destroyed");
        Cli.run("-g", "/nonexistent/file", "-x", vmlinux.toString()).fails("/nonexistent does not exist");
    }

    @Test
    void namesBothReleasesOfAVmlinuxOfAnotherKernel() throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run("-l", "-d", "31", "-x", vmlinux.toString(), vmcore.toString(), dump.toString());
        assertThat(run.err()).contains("vmsieve: [" + vmlinux + "] VMCOREINFO: OSRELEASE must be " + release + " as in "
                + vmcore + " but was " + RELEASE);
        assertThat(run.code()).isEqualTo(2);
        assertThat(dump).doesNotExist();
        Path log = fresh("log");
        assertThat(Cli.run("--dump-dmesg", "-x", vmlinux.toString(), vmcore.toString(), log.toString()).code())
                .isEqualTo(2);
    }

    /// What the dump tells counts before what the vmlinux tells.
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void makesTheSameDumpWithAVmlinux(int threads) throws IOException {
        Path with = fresh("with");
        Path without = fresh("without");
        Cli run = Cli.run("-l", "-d", "31", "--num-threads", Integer.toString(threads), "-x", matching.toString(),
                vmcore.toString(), with.toString());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(Cli.run("-l", "-d", "31", vmcore.toString(), without.toString()).code()).isZero();
        assertThat(with).hasSameBinaryContentAs(without);
    }

    @Test
    void saysWhatIsNeededInsteadOfABootImage() throws IOException {
        byte[] image = new byte[0x1000];
        image[0x1fe] = 0x55;
        image[0x1ff] = (byte) 0xaa;
        System.arraycopy("HdrS".getBytes(StandardCharsets.US_ASCII), 0, image, 0x202, 4);
        Path vmlinuz = Files.write(fresh("vmlinuz"), image);
        Cli.run("-d", "31", "-x", vmlinuz.toString(), vmcore.toString(), fresh("dump").toString()).fails(
                "is a bootable kernel image (bzImage)", "the vmlinux with debug information is needed");
    }

    @Test
    void printsTheWalkOfAnAddressAndGoesOn() throws IOException {
        Path dump = fresh("dump");
        Cli run = Cli.run("-d", "31", "--message-level", "2", "--vtop", "0x1234", vmcore.toString(), dump.toString());
        assertThat(run.out()).startsWith("\nTranslating virtual address 1234 to physical address.\n")
                .containsPattern("  PGD : +[0-9a-f]+ => +0\nVIRTUAL           PHYSICAL\n")
                .endsWith("\n            1234  not mapped: pgd[0] = 0x0\n\n\nThe dumpfile is saved to " + dump
                        + ".\n\nvmsieve Completed.\n");
        assertThat(run.code()).isZero();
        assertThat(dump).exists();
        Matcher symbol = Pattern.compile("SYMBOL\\(init_uts_ns\\)=([0-9a-f]+)")
                .matcher(Files.readString(vmcore, StandardCharsets.ISO_8859_1));
        assertThat(symbol.find()).isTrue();
        Cli flat = Cli.run("-F", "-d", "31", "--vtop", "0x" + symbol.group(1), vmcore.toString());
        assertThat(flat.err()).containsPattern("  PGD : +[0-9a-f]+ => +[0-9a-f]+\n  PUD : +[0-9a-f]+ => +[0-9a-f]+\n"
                + "  PMD : .*\n(  PTE : .*\n)?VIRTUAL           PHYSICAL\n" + symbol.group(1) + "  [0-9a-f]+\n");
        assertThat(flat.out()).startsWith("makedumpfile\0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ffffffff81000000", "abc", "0x", "", "-1", "12 ", "0xfffffffff00000000", "0b1", "09"})
    void refusesWhatIsNoAddress(String address) {
        Cli.run("--vtop", address, "a", "b").prints(1,
                "Address(" + address + ") is invalid; hexadecimal needs 0x.\n" + Cli.FAILED, "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0xffffffff81000000", "0XFF", "18446744071578845184", "017", "0", " 1"})
    void acceptsAddressesOfAnyBase(String address) {
        Cli.run("--check-params", "--vtop", address, "a", "b").prints(0, "", "");
    }
}
