// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.SegmentData;

class ElfHeaderTest {
    @TempDir
    private Path directory;

    private static ElfCoreBuilder core() {
        return new ElfCoreBuilder().prstatus(1).load(0, 0, 4096, SegmentData.zeros());
    }

    private Path write(ElfCoreBuilder core) throws IOException {
        return core.write(directory.resolve("vmcore"));
    }

    private static ElfHeader read(Path path) throws IOException {
        try (DumpFile file = FileDumpFile.open(path)) {
            return ElfHeader.read(file);
        }
    }

    private ElfHeader patched(int offset, int bytes, long value) throws IOException {
        Path path = write(core());
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < bytes; i++) {
            all.put(offset + i, (byte) (value >>> (8 * i)));
        }
        Files.write(path, all.array());
        return read(path);
    }

    @Test
    void readsBothClassesAndByteOrders() throws IOException {
        assertThat(read(write(core().flags(1))))
                .isEqualTo(new ElfHeader(8, ByteOrder.LITTLE_ENDIAN, 62, 1, 64, 2));
        assertThat(read(write(core().elf32().order(ByteOrder.BIG_ENDIAN).machine(20).headerGap(4))))
                .isEqualTo(new ElfHeader(4, ByteOrder.BIG_ENDIAN, 20, 0, 56, 2));
    }

    @Test
    void takesTheExtendedCountFromSectionHeaderZero() throws IOException {
        assertThat(read(write(core().extendedNumbering())).phnum()).isEqualTo(2);
        assertThat(read(write(core().elf32().extendedNumbering())).phnum()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "0  | 1 | 0        | magic must be 0x7f454c46 but was 0x454c46 (offset 0x0)",
            "4  | 1 | 3        | e_ident[EI_CLASS] must be 1 or 2 but was 3 (offset 0x4)",
            "5  | 1 | 0        | e_ident[EI_DATA] must be 1 or 2 but was 0 (offset 0x5)",
            "6  | 1 | 2        | e_ident[EI_VERSION] must be 1 but was 2 (offset 0x6)",
            "32 | 8 | -1       | e_phoff must leave room for 2 program headers in a file of 12288 bytes but was 0xffffffffffffffff (offset 0x20)",
            "32 | 8 | 12177    | e_phoff must leave room for 2 program headers in a file of 12288 bytes but was 0x2f91 (offset 0x20)",
            "54 | 2 | 57       | e_phentsize must be 56 but was 57 (offset 0x36)",
            "56 | 2 | 0        | e_phnum must be from 1 to 4194304 but was 0 (offset 0x38)",
            "56 | 2 | 65534    | e_phoff must leave room for 65534 program headers in a file of 12288 bytes but was 0x40 (offset 0x20)",
            "56 | 2 | 65535    | e_shoff must name a section header in a file of 12288 bytes since e_phnum is 65535 but was 0x0 (offset 0x28)"})
    void rejects(int offset, int bytes, long value, String message) {
        assertThatThrownBy(() -> patched(offset, bytes, value)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[" + directory.resolve("vmcore") + "] ELF header: " + message);
    }

    @Test
    void rejectsAnExtendedCountBeyondReason() throws IOException {
        Path path = write(core().extendedNumbering());
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        all.putInt((int) all.getLong(40) + 44, -1);
        Files.write(path, all.array());
        assertThatThrownBy(() -> read(path)).hasMessageContaining(
                "e_phnum must be from 1 to 4194304 but was 4294967295 (offset 0x38)");
    }

    @Test
    void ignoresTheHeaderSizeThatQemuGetsWrong() throws IOException {
        assertThat(patched(52, 2, 8).phnum()).isEqualTo(2);
    }

    @Test
    void refusesWhatIsNoCoreFile() {
        assertThatThrownBy(() -> read(write(core().type(2)))).isInstanceOf(UnsupportedDumpException.class)
                .hasMessageEndingWith("ELF header: e_type must be 4 (core file) but was 2 (executable) (offset 0x10)");
    }

    @Test
    void refusesOtherMachinesAndByteOrders() throws IOException {
        ElfHeader power = read(write(core().machine(21)));
        assertThatThrownBy(() -> power.supportedMachine("vmcore")).isInstanceOf(UnsupportedDumpException.class)
                .hasMessage(
                        "[vmcore] ELF header: e_machine must be one of 62 (x86_64), 183 (aarch64), 243 (riscv64),"
                                + " 3 (i686), 40 (armv7l) but was 21 (offset 0x12)");
        ElfHeader big = read(write(core().order(ByteOrder.BIG_ENDIAN)));
        assertThatThrownBy(() -> big.supportedMachine("vmcore")).isInstanceOf(UnsupportedDumpException.class)
                .hasMessage("[vmcore] ELF header: e_ident[EI_DATA] must be 1 (little-endian) for x86_64"
                        + " but was 2 (big-endian) (offset 0x5)");
        assertThat(read(write(core())).supportedMachine("vmcore")).isEqualTo(ElfMachine.X86_64);
    }

    @Test
    void takesThePageSizeThatAMachineMayHave() {
        assertThat(ElfMachine.AARCH64.pageBytes(65536)).isEqualTo(65536);
        assertThat(ElfMachine.AARCH64.pageBytes(16384)).isEqualTo(16384);
        for (long told : new long[]{0, 2048, 12288, 131072, -4096}) {
            assertThat(ElfMachine.AARCH64.pageBytes(told)).isEqualTo(4096);
        }
        assertThat(ElfMachine.X86_64.pageBytes(16384)).isEqualTo(4096);
    }

    @Test
    void rejectsEveryPrefixOfTheHeader() throws IOException {
        for (boolean wide : new boolean[]{true, false}) {
            Path path = write(wide ? core() : core().elf32());
            byte[] all = Files.readAllBytes(path);
            for (int length = 0; length < (wide ? 64 + 112 : 52 + 64); length++) {
                Files.write(path, Arrays.copyOf(all, length));
                assertThatThrownBy(() -> read(path)).as("length %d", length).isInstanceOf(DumpException.class)
                        .hasMessageMatching("\\[.*vmcore] ELF header: .* must .* but was .* \\(offset 0x.*\\)");
            }
        }
    }
}
