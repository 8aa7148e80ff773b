// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.SyntheticKernel;

/// What QEMU's dump-guest-memory and libvirt write, as far as it differs from what a crash kernel saves. The lab has QEMU
/// itself write them, in the forms that its build knows.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QemuFormsTest {
    private static final int UTSNAME = 12;
    private static final int MACHINE = UTSNAME + 4 * 65;
    private static final int STATUS = 424;
    private static final int PHYS_BASE = 4096;

    @TempDir
    static Path directory;
    private Path vmcore = Path.of("");
    private Path expected = Path.of("");

    @BeforeAll
    void makeVmcore() throws IOException {
        vmcore = SyntheticKernel.demo(64, 4713).write(directory.resolve("vmcore"));
        expected = directory.resolve("expected");
        assertThat(Cli.run("-l", "-d", "31", vmcore.toString(), expected.toString()).code()).isZero();
    }

    /// kdump-zlib, -lzo, -snappy: level 1, flattened, nothing told but the machine's name.
    private Path qemuForm(String codec) throws IOException {
        Path dump = directory.resolve("plain" + codec);
        assertThat(Cli.run(codec, "-d", "1", vmcore.toString(), dump.toString()).code()).isZero();
        byte[] bytes = Files.readAllBytes(dump);
        byte[] machine = "x86_64".getBytes(StandardCharsets.US_ASCII);
        Arrays.fill(bytes, UTSNAME, STATUS, (byte) 0);
        System.arraycopy(machine, 0, bytes, MACHINE, machine.length);
        Arrays.fill(bytes, PHYS_BASE, PHYS_BASE + Long.BYTES, (byte) 0);
        Files.write(dump, bytes);
        return dump;
    }

    private Path flattened(Path dump) throws IOException {
        var stream = new ByteArrayOutputStream();
        stream.writeBytes(Arrays.copyOf("makedumpfile".getBytes(StandardCharsets.US_ASCII), 16));
        byte[] bytes = Files.readAllBytes(dump);
        stream.writeBytes(numbers(1, 1));
        stream.writeBytes(new byte[4096 - stream.size()]);
        stream.writeBytes(numbers(0, bytes.length));
        stream.writeBytes(bytes);
        stream.writeBytes(numbers(-1, -1));
        return Files.write(directory.resolve(dump.getFileName() + ".flat"), stream.toByteArray());
    }

    private static byte[] numbers(long one, long two) {
        return ByteBuffer.allocate(16).putLong(one).putLong(two).array();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-c", "-l", "-p"})
    void makesTheSameDumpOfEachForm(String codec) throws IOException {
        Path raw = qemuForm(codec);
        for (Path form : new Path[]{raw, flattened(raw)}) {
            Path dump = directory.resolve(form.getFileName() + ".out");
            Cli run = Cli.run("-l", "-d", "31", form.toString(), dump.toString());
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(dump).hasSameBinaryContentAs(expected);
        }
    }

    /// virsh dump without --memory-only, virsh save, and QEMU's migrate.
    @Test
    void saysWhatToDoAboutASavedGuest() throws IOException {
        String[][] forms = {{"LibvirtQemudSave", "a libvirt save file; take the dump with virsh dump --memory-only"},
                {"LibvirtQemudPart", "a libvirt save file; take the dump with virsh dump --memory-only"},
                {"QEVM\0\0\0\3", "a QEMU migration stream; take the dump with dump-guest-memory"}};
        for (String[] form : forms) {
            Path saved = Files.write(directory.resolve("saved"),
                    Arrays.copyOf(form[0].getBytes(StandardCharsets.US_ASCII), 100_000));
            Path dump = directory.resolve("dump");
            Cli.run("-l", "-d", "31", saved.toString(), dump.toString())
                    .fails("[" + saved + "] input: must be an ELF core or a kdump file but is " + form[1]);
            assertThat(dump).doesNotExist();
        }
    }
}
