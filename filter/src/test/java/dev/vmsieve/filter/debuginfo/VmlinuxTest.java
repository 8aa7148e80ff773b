// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;
import com.github.luben.zstd.ZstdOutputStream;

import dev.vmsieve.filter.BytesDumpFile;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.progress.Progress;

import net.jpountz.lz4.LZ4FrameOutputStream;

class VmlinuxTest {
    /// How the golden tiny.dwarfN were made of tiny.c, by gcc 12 of Debian 12; tiny.dwarf5-NAME of tiny.dwarf5 by
    /// `objcopy --compress-debug-sections=NAME`, tiny.dwarf5-64 with -gdwarf64.
    static final List<String> REGENERATE = List.of("gcc", "-O1", "-ffreestanding", "-fno-pic", "-mcmodel=kernel",
            "-fno-asynchronous-unwind-tables", "-nostdlib", "-static",
            "-Wl,--build-id=none,-z,max-page-size=16,-z,noseparate-code,-Ttext=0xffffffff81000000,-e,_stext");

    @TempDir
    private Path directory;

    private static String expected() {
        return new String(TinyElf.golden("tiny.vmcoreinfo"), StandardCharsets.US_ASCII);
    }

    private static Vmcoreinfo read(byte[] file) throws IOException {
        return Vmlinux.read(new BytesDumpFile("vmlinux", file), Optional.empty(), Progress.NONE);
    }

    private static String text(byte[] file) throws IOException {
        return new String(read(file).bytes(), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dwarf2", "dwarf4", "dwarf5", "dwarf5-64", "dwarf5-zlib", "dwarf5-zlib-gnu", "dwarf5-zstd"})
    void tellsTheSameInEveryFormOfDwarf(String form) throws IOException {
        assertThat(text(TinyElf.golden("tiny." + form))).isEqualTo(expected());
    }

    @ParameterizedTest
    @CsvSource({"-gdwarf-3,''", "-gdwarf-4,''", "-gdwarf-5,''", "-gdwarf-5,-gz=zlib"})
    void tellsTheSameForTheCompilerThatIsHere(String form, String more) throws Exception {
        Path source = directory.resolve("tiny.c");
        Files.write(source, TinyElf.golden("tiny.c"));
        Path output = directory.resolve("vmlinux");
        List<String> command = new ArrayList<>(REGENERATE);
        command.addAll(List.of(form, "-o", output.toString(), source.toString()));
        if (!more.isEmpty()) {
            command.add(more);
        }
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc");
        Process gcc = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(Path.of("/dev/null").toFile())
                .start();
        assumeTrue(gcc.waitFor(60, TimeUnit.SECONDS) && gcc.exitValue() == 0, "needs a gcc that takes these options");
        String found = new String(Vmlinux.read(output, Optional.empty(), Progress.NONE).bytes(),
                StandardCharsets.US_ASCII);
        // Another linker may put symbols elsewhere.
        assertThat(withoutSymbols(found)).isEqualTo(withoutSymbols(expected()));
    }

    private static String withoutSymbols(String text) {
        return text.replaceAll("(?m)^SYMBOL.*\n", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "xz", "zstd", "lz4", "bzip2"})
    void readsAPackedVmlinux(String packing) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (OutputStream out = switch (packing) {
            case "gzip" -> new GZIPOutputStream(packed);
            case "xz" -> new XZOutputStream(packed, new LZMA2Options());
            case "zstd" -> new ZstdOutputStream(packed);
            case "lz4" -> new LZ4FrameOutputStream(packed);
            default -> new BZip2CompressorOutputStream(packed);
        }) {
            out.write(TinyElf.golden("tiny.dwarf5"));
        }
        Path file = directory.resolve("vmlinux");
        Files.write(file, packed.toByteArray());
        Vmcoreinfo found = Vmlinux.read(file, Optional.of(directory), Progress.NONE);
        assertThat(new String(found.bytes(), StandardCharsets.US_ASCII)).isEqualTo(expected());
    }

    /// BTF that says something else than DWARF is asked first.
    @Test
    void takesTypesFromBtfIfThereIsAny() throws IOException {
        TinyElf elf = TinyElf.of(TinyElf.golden("tiny.dwarf5")).with(".BTF", btf());
        Vmcoreinfo info = read(elf.bytes());
        assertThat(info.size("page")).hasValue(48);
        assertThat(info.offset("page", "flags")).hasValue(8);
        assertThat(info.size("zone")).isEmpty();
        assertThat(info.number("PAGE_BUDDY_MAPCOUNT_VALUE")).hasValue(-268435456);
        assertThat(read(elf.without(".debug_info").bytes()).size("page")).hasValue(48);
    }

    @Test
    void takesDwarfIfBtfIsBroken() throws IOException {
        byte[] broken = Arrays.copyOf(btf(), 40);
        assertThat(read(TinyElf.of(TinyElf.golden("tiny.dwarf5")).with(".BTF", broken).bytes()).size("page"))
                .hasValue(64);
    }

    /// typedef struct page page_t; struct page { pad at 0; flags at 8; } of 48 bytes, and PGTY_buddy = 0xf0.
    private static byte[] btf() {
        byte[] strings = "\0page\0flags\0PGTY_buddy\0".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer types = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        types.putInt(1).putInt(4 << 24 | 1).putInt(48).putInt(6).putInt(0).putInt(64);
        types.putInt(0).putInt(6 << 24 | 1).putInt(4).putInt(12).putInt(0xf0);
        ByteBuffer all = ByteBuffer.allocate(24 + types.position() + strings.length).order(ByteOrder.LITTLE_ENDIAN);
        all.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(24).putInt(0).putInt(types.position())
                .putInt(types.position()).putInt(strings.length);
        return all.put(types.flip()).put(strings).array();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bzimage     | a bootable kernel image (bzImage)
            zboot       | a bootable kernel image (EFI zboot)
            image       | a bootable kernel image (Image)
            kdump       | a crash dump
            map         | a list of symbols (System.map)
            btf         | bare BTF
            zeroes      | no ELF file
            """)
    void saysWhatIsNoVmlinux(String kind, String name) {
        ByteBuffer bytes = ByteBuffer.allocate(0x1000).order(ByteOrder.LITTLE_ENDIAN);
        switch (kind) {
            case "bzimage" -> bytes.putShort(0x1fe, (short) 0xaa55).putInt(0x202, 0x5372_6448);
            case "zboot" -> bytes.putShort(0, (short) 0x5a4d).putInt(4, 0x676d_697a);
            case "image" -> bytes.putInt(0x38, 0x644d_5241);
            case "kdump" -> bytes.put(0, "KDUMP   ".getBytes(StandardCharsets.US_ASCII));
            case "map" -> bytes.put(0, "ffffffff81000000 T _text\n".getBytes(StandardCharsets.US_ASCII));
            case "btf" -> bytes.putShort(0, (short) 0xeb9f);
            default -> bytes.put(0, (byte) 0);
        }
        assertThatThrownBy(() -> read(bytes.array())).isInstanceOf(UnsupportedDumpException.class)
                .hasMessageStartingWith("[vmlinux] vmlinux: must be an ELF file but is " + name)
                .hasMessageContaining("the vmlinux with debug information is needed")
                .hasMessageContaining("kernel-debuginfo");
    }

    @Test
    void saysThatAVmcoreinfoFileIsForAnotherOption() {
        assertThatThrownBy(() -> read(TinyElf.golden("tiny.vmcoreinfo")))
                .hasMessage("[vmlinux] vmlinux: must be an ELF file but is a VMCOREINFO text; -i reads it");
    }

    @Test
    void refusesDirectoriesCoresAndModules() {
        assertThatThrownBy(() -> Vmlinux.read(directory, Optional.empty(), Progress.NONE))
                .isInstanceOf(UnsupportedDumpException.class).hasMessageEndingWith("must be a file but is a directory");
        byte[] core = TinyElf.golden("tiny.dwarf5");
        core[16] = 4;
        assertThatThrownBy(() -> read(core)).isInstanceOf(UnsupportedDumpException.class).hasMessage(
                "[vmlinux] ELF header: e_type must be 2 or 3 (a kernel, as vmlinux is) but was 4 (a core file)"
                        + " (offset 0x10)");
        core[16] = 1;
        assertThatThrownBy(() -> read(core))
                .hasMessageContaining("but was 1 (an object file or a kernel module)");
    }

    @Test
    void saysWhatAStrippedFileLacks() throws IOException {
        byte[] golden = TinyElf.golden("tiny.dwarf5");
        assertThatThrownBy(() -> read(TinyElf.of(golden).without(".symtab").bytes()))
                .isInstanceOf(MissingSymbolException.class)
                .hasMessageStartingWith("[vmlinux] vmlinux: has no symbol table (.symtab); the vmlinux with");
        assertThatThrownBy(() -> read(TinyElf.of(golden).without(".debug_info").bytes()))
                .isInstanceOf(MissingSymbolException.class).hasMessageStartingWith(
                        "[vmlinux] vmlinux: has neither BTF (.BTF) nor DWARF (.debug_info); the vmlinux with");
        assertThatThrownBy(() -> read(TinyElf.of(golden).with(".debug_str", new byte[0x400]).bytes()))
                .isInstanceOf(MissingSymbolException.class)
                .hasMessageStartingWith("[vmlinux] .debug_info: has no struct page;");
        assertThatThrownBy(() -> read(TinyElf.of(golden).with(".data", new byte[0x400]).bytes()))
                .isInstanceOf(MissingSymbolException.class)
                .hasMessageStartingWith("[vmlinux] vmlinux: there is no utsname at init_uts_ns");
        byte[] names = new String(TinyElf.of(golden).get(".strtab"), StandardCharsets.ISO_8859_1)
                .replace("init_uts_ns", "init_uts_nt").getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> read(TinyElf.of(golden).with(".strtab", names).bytes()))
                .isInstanceOf(MissingSymbolException.class)
                .hasMessageStartingWith("[vmlinux] vmlinux: has no symbol init_uts_ns, so it is no kernel;");
    }

    @Test
    void saysThatThereIsNoSpaceToUnpackASection() {
        byte[] file = TinyElf.golden("tiny.dwarf5-zlib");
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int info = (int) bytes.getLong((int) (bytes.getLong(40) + 6 * 64 + 24));
        bytes.putLong(info + 8, Long.MAX_VALUE);
        assertThatThrownBy(() -> read(file)).isInstanceOf(IOException.class)
                .hasMessageContaining("No space left to unpack .debug_info of vmlinux:")
                .hasMessageContaining("--work-dir names another directory");
    }

    @Test
    void rejectsPackedSectionsThatAreDamaged() {
        byte[] file = TinyElf.golden("tiny.dwarf5-zlib");
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int info = (int) bytes.getLong((int) (bytes.getLong(40) + 6 * 64 + 24));
        bytes.putInt(info, 7);
        assertThatThrownBy(() -> read(file)).isInstanceOf(UnsupportedDumpException.class).hasMessage(
                "[vmlinux] .debug_info: ch_type must be 1 (zlib) or 2 (zstd) but was 7 (offset 0x"
                        + Integer.toHexString(info) + ")");
        bytes.putInt(info, 1).putLong(info + 8, 0);
        assertThatThrownBy(() -> read(file)).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining(".debug_info: ch_size must be positive but was 0");
        bytes.putLong(info + 8, 100_000);
        assertThatThrownBy(() -> read(file)).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining(".debug_info: packed data must be sound to its end but is damaged or cut off");
        bytes.putLong(info + 8, 100).put(info + 24, (byte) 0);
        assertThatThrownBy(() -> read(file)).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining(".debug_info: packed data must be sound to its end but is damaged or cut off");
    }

    @Test
    void rejectsSectionTablesThatAreBroken() {
        assertHeader(40, 0, "e_shoff must name a section table but was 0 (offset 0x28)");
        assertHeader(40, 1 << 20,
                "e_shoff must leave room for 1 section headers in a file of 5568 bytes but was 0x100000");
        assertHeader(58, 63, "e_shentsize must be 64 but was 63 (offset 0x3a)");
        assertHeader(62, 200, "e_shstrndx must be less than 17 but was 200 (offset 0x3e)");
        assertHeader(60, 60_000, "e_shoff must leave room for 60000 section headers");
        assertHeader(4, 3, "e_ident[EI_CLASS] must be 1 or 2 but was 3 (offset 0x4)");
        assertHeader(5, 0, "e_ident[EI_DATA] must be 1 or 2 but was 0 (offset 0x5)");
        byte[] file = TinyElf.golden("tiny.dwarf5");
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong((int) bytes.getLong(40) + 6 * 64 + 24, 1 << 30);
        assertThatThrownBy(() -> read(file)).isInstanceOf(CorruptDumpException.class)
                .hasMessageStartingWith("[vmlinux] ELF section header 6: sh_offset and sh_size must lie in a file of"
                        + " 5568 bytes but was 0x40000000 and 0x57f");
    }

    private static void assertHeader(int offset, int value, String message) {
        byte[] file = TinyElf.golden("tiny.dwarf5");
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (offset < 16) {
            bytes.put(offset, (byte) value);
        } else if (offset >= 58) {
            bytes.putShort(offset, (short) value);
        } else {
            bytes.putLong(offset, value);
        }
        assertThatThrownBy(() -> read(file)).isInstanceOf(CorruptDumpException.class)
                .hasMessageStartingWith("[vmlinux] ELF header: " + message);
    }

    /// Section 0 is no section: its fields may hold numbers that found no room elsewhere, and are never followed.
    @Test
    void readsNothingOfSectionZero() {
        byte[] file = TinyElf.golden("tiny.dwarf5");
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int table = (int) bytes.getLong(40);
        bytes.putInt(table, 1).putInt(table + 4, 1).putLong(table + 24, -8).putLong(table + 32, Long.MAX_VALUE);
        bytes.putShort(62, (short) 0);
        assertThatThrownBy(() -> read(file)).isInstanceOf(MissingSymbolException.class)
                .hasMessageContaining("has no symbol table");
    }

    /// Every prefix of the file, and every byte of its tables changed: an answer, or one line.
    @Test
    void survivesBrokenFiles() {
        byte[] sound = TinyElf.golden("tiny.dwarf5");
        for (int length = 0; length < sound.length; length += 7) {
            byte[] cut = Arrays.copyOf(sound, length);
            assertThatThrownBy(() -> read(cut)).as("first %s bytes", length).isInstanceOf(IOException.class)
                    .hasMessageStartingWith("[vmlinux]");
        }
        for (int at = 0x323; at < 0x0a3a; at++) {
            for (int value : new int[]{0, 0x7f, 0xff}) {
                byte[] broken = sound.clone();
                broken[at] = (byte) value;
                try {
                    assertThat(read(broken).text("OSRELEASE")).hasValue("6.1.0-tiny");
                } catch (IOException refused) {
                    assertThat(refused).as("0x%x at 0x%x", value, at).hasMessageStartingWith("[vmlinux]");
                }
            }
        }
    }
}
