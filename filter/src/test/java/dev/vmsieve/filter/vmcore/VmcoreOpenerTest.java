// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.Segment;
import dev.vmsieve.fixtures.SegmentData;

class VmcoreOpenerTest {
    private static final int FIRST_LOAD = 64 + 56;

    @TempDir
    private Path directory;

    private static Vmcore open(Path path) throws IOException {
        return VmcoreOpener.open(path, new OpenOptions(true), Progress.NONE);
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("vmcore"), bytes);
    }

    private void refuses(byte[] bytes, Class<? extends Exception> type, String message) throws IOException {
        Path path = file(bytes);
        assertThatThrownBy(() -> open(path)).isInstanceOf(type).hasMessage("[" + path + "] " + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "KDUMP           | a kdump-compressed dump",
            "DISKDUMP        | a diskdump dump",
            "LibvirtQemudSave | a libvirt save file; take the dump with virsh dump --memory-only",
            "LibvirtQemudPart | a libvirt save file; take the dump with virsh dump --memory-only",
            "QEVM            | a QEMU migration stream; take the dump with dump-guest-memory",
            "PAGEDU64        | a Windows crash dump",
            "PAGEDUMP        | a Windows crash dump",
            "some text       | not a dump of a known format"})
    void saysWhatAFileIsByItsText(String magic, String description) throws IOException {
        byte[] bytes = new byte[8192];
        byte[] start = (magic.equals("KDUMP") ? "KDUMP   " : magic).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(start, 0, bytes, 0, start.length);
        if (magic.equals("KDUMP")) {
            Path path = file(bytes);
            assertThatThrownBy(() -> open(path)).isInstanceOf(DumpException.class).hasMessageContaining("kdump");
        } else {
            refuses(bytes, UnsupportedDumpException.class,
                    "input: must be an ELF core or a kdump file but is " + description);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "0000706d75646173 | an sadump dump",
            "a8190173618f23ed | an LKCD dump",
            "a8190173618f23cd | an LKCD dump",
            "fd238f61730119a8 | an s390 stand-alone dump; convert it to ELF with zgetdump",
            "0000000039685a42 | compressed in a way that is not known",
            "0000000000000000 | not a dump of a known format"})
    void saysWhatAFileIsByItsNumber(String littleEndian, String description) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8192).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(0, Long.parseUnsignedLong(littleEndian, 16));
        refuses(bytes.array(), UnsupportedDumpException.class,
                "input: must be an ELF core or a kdump file but is " + description);
    }

    @Test
    void recognisesTheSignatureInTheSecondBlock() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8192).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(4096, 0x0000_706d_7564_6173L);
        refuses(bytes.array(), UnsupportedDumpException.class,
                "input: must be an ELF core or a kdump file but is an sadump dump");
    }

    private static byte[] flattened(byte[] dump, boolean ended) {
        int half = dump.length / 2;
        ByteBuffer bytes = ByteBuffer.allocate(4096 + 48 + dump.length);
        bytes.put("makedumpfile".getBytes(StandardCharsets.US_ASCII)).putLong(16, 1).putLong(24, 1).position(4096);
        bytes.putLong(half).putLong(dump.length - half).put(dump, half, dump.length - half);
        bytes.putLong(0).putLong(half).put(dump, 0, half);
        bytes.putLong(-1).putLong(-1);
        return ended ? bytes.array() : Arrays.copyOf(bytes.array(), bytes.capacity() - 16);
    }

    @Test
    void readsAFlattenedDumpAsItIs() throws IOException {
        byte[] dump = Files.readAllBytes(core().write(directory.resolve("vmcore")));
        try (Vmcore vmcore = open(file(flattened(dump, true)))) {
            assertThat(vmcore.maxMapnr()).isEqualTo(2);
            assertThat(vmcore.incomplete()).isFalse();
        }
        try (Vmcore vmcore = open(file(flattened(dump, false)))) {
            assertThat(vmcore.incomplete()).isTrue();
        }
        refuses(flattened(flattened(dump, true), true), UnsupportedDumpException.class,
                "input: is a flattened dump of a flattened dump");
    }

    @Test
    void refusesFilesThatAreTooShort() throws IOException {
        refuses(new byte[0], CorruptDumpException.class, "input: the file is empty");
        refuses(new byte[6], CorruptDumpException.class, "input: the file must be a dump but has only 6 bytes");
        refuses(new byte[]{0x7f, 'E', 'L', 'F', 2, 1}, CorruptDumpException.class,
                "ELF header: file must have at least 20 bytes but was 6 bytes long (offset 0x6)");
    }

    @Test
    void refusesADirectory() {
        assertThatThrownBy(() -> open(directory)).isInstanceOf(UnsupportedDumpException.class)
                .hasMessage("[" + directory + "] input: must be a file but is a directory");
    }

    @Test
    void refusesADeviceAtOnce() {
        assertThatThrownBy(() -> open(Path.of("/dev/null"))).isInstanceOf(UnsupportedDumpException.class)
                .hasMessage("[/dev/null] input: must be a file or a pipe but is a device");
    }

    @Test
    void namesAFileThatIsNotThereOrMayNotBeRead() throws IOException {
        Path absent = directory.resolve("absent");
        assertThatThrownBy(() -> open(absent)).isInstanceOf(NoSuchFileException.class).hasMessage(absent.toString());
        Path secret = file(new byte[100]);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        Assumptions.assumeFalse(Files.isReadable(secret), "root reads everything");
        assertThatThrownBy(() -> open(secret)).isInstanceOf(AccessDeniedException.class).hasMessage(secret.toString());
    }

    private static ElfCoreBuilder core() {
        return new ElfCoreBuilder().vmcoreinfo("OSRELEASE=1\n").load(0x1000, 0, 4096, SegmentData.zeros());
    }

    private byte[] patched(int offset, long value) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(core().write(directory.resolve("vmcore"))))
                .order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putLong(offset, value).array();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "8  | 7fffffffffffffff | p_offset must end below 2^63 but was 0x7fffffffffffffff (offset 0x80)",
            "8  | ffffffffffffffff | p_offset must end below 2^63 but was 0xffffffffffffffff (offset 0x80)",
            "24 | 0010000000000000 | p_paddr must be below 2^52 but was 0x10000000000000 (offset 0x90)",
            "24 | fffffffffffffffe | p_paddr must be below 2^52 but was 0xfffffffffffffffe (offset 0x90)",
            "32 | 1001             | p_filesz must not exceed p_memsz 0x1000 but was 0x1001 (offset 0x98)",
            "32 | 8000000000000000 | p_filesz must not exceed p_memsz 0x1000 but was 0x8000000000000000 (offset 0x98)",
            "40 | 8000000000000000 | p_memsz must end below 2^52 but was 0x8000000000000000 (offset 0xa0)",
            "40 | 000ffffffffff001 | p_memsz must end below 2^52 but was 0xffffffffff001 (offset 0xa0)"})
    void rejectsASegmentThatLies(int field, String value, String message) throws IOException {
        refuses(patched(FIRST_LOAD + field, Long.parseUnsignedLong(value, 16)), CorruptDumpException.class,
                "program header 1: " + message);
    }

    @Test
    void rejectsNotesThatLie() throws IOException {
        refuses(patched(64 + 8, 0x7fff_ffff_ffff_fff0L), CorruptDumpException.class,
                "program header 0 (PT_NOTE): notes of 0x24 bytes at offset 0x7ffffffffffffff0 must end within the"
                        + " file's 0x3000 bytes but did not");
        refuses(patched(64 + 32, -5), CorruptDumpException.class,
                "program header 0 (PT_NOTE): notes of 0xfffffffffffffffb bytes at offset 0x1000 must end within the"
                        + " file's 0x3000 bytes but did not");
    }

    private Path withNotesOf(long bytes, int type) throws IOException {
        Path path = new ElfCoreBuilder().note("LINUX", type, new byte[8]).load(0, 0, 4096, SegmentData.zeros())
                .write(directory.resolve("vmcore"));
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(bytes + 4096);
            file.seek(64 + 32);
            file.writeLong(Long.reverseBytes(bytes));
        }
        return path;
    }

    @Test
    void boundsTheNotesUnlessADriverDumpedThere() throws IOException {
        long large = (64 << 20) + 4;
        Path registers = withNotesOf(large, 1);
        assertThatThrownBy(() -> open(registers)).isInstanceOf(UnsupportedDumpException.class)
                .hasMessageContaining("program header 0 (PT_NOTE): p_filesz must be at most 67108864 but was 67108868");
        try (Vmcore vmcore = open(withNotesOf(large, 0x700))) {
            assertThat(vmcore.notes().remaining()).isEqualTo((int) large);
        }
        Path absurd = withNotesOf((1L << 30) + 1, 0x700);
        assertThatThrownBy(() -> open(absurd)).isInstanceOf(UnsupportedDumpException.class)
                .hasMessageContaining("p_filesz must be at most 1073741824 but was 1073741825");
    }

    @Test
    void rejectsADumpWithoutMemory() throws IOException {
        Path path = new ElfCoreBuilder().vmcoreinfo("OSRELEASE=1\n").load(Segment.NO_PADDR, 0, 4096,
                SegmentData.zeros()).write(directory.resolve("vmcore"));
        assertThatThrownBy(() -> open(path)).isInstanceOf(CorruptDumpException.class).hasMessage("[" + path
                + "] program headers: one of the 2 must be a PT_LOAD with a physical address but none was"
                + " (offset 0x40)");
    }

    @Test
    void failsCleanlyOrWarnsAtEveryPrefix() throws IOException {
        byte[] all = Files.readAllBytes(core().write(directory.resolve("vmcore")));
        for (int length = 0; length < all.length; length += length < 180 || (length > 4090 && length < 4140) ? 1 : 97) {
            var warnings = new Warnings();
            Path path = file(Arrays.copyOf(all, length));
            try (Vmcore vmcore = VmcoreOpener.open(path, new OpenOptions(true), warnings)) {
                assertThat(vmcore.incomplete()).as("length %d", length).isTrue();
                assertThat(warnings.list).as("length %d", length).hasSize(1);
                assertThat(length).isGreaterThanOrEqualTo(4096 + 36);
            } catch (DumpException e) {
                assertThat(e.getMessage()).as("length %d", length).startsWith("[" + path + "] ").doesNotContain("\n");
                assertThat(length).isLessThan(4096 + 36);
            }
        }
    }

    @Test
    void survivesRandomDamage() throws IOException {
        byte[] all = Files.readAllBytes(core().write(directory.resolve("vmcore")));
        for (long seed = 0; seed < 400; seed++) {
            var random = new SplittableRandom(seed);
            byte[] bytes = all.clone();
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                int at = random.nextInt(10) == 0 ? 4096 + random.nextInt(40) : random.nextInt(176);
                bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (random.nextInt(3) - 1);
            }
            Path path = file(bytes);
            try (Vmcore vmcore = open(path)) {
                assertThat(vmcore.maxMapnr()).as("seed %d", seed).isBetween(1L, 1L << 40);
            } catch (DumpException e) {
                assertThat(e.getMessage()).as("seed %d", seed).startsWith("[" + path + "] ");
            }
        }
    }
}
