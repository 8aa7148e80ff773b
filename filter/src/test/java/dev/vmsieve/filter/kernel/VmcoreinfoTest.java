// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.io.CorruptDumpException;

class VmcoreinfoTest {
    private static Vmcoreinfo parse(String text) {
        return Vmcoreinfo.parse("test", text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void readsEveryForm() {
        Vmcoreinfo info = parse("""
                OSRELEASE=6.1.0-56-amd64
                PAGESIZE=4096
                SYMBOL(mem_section)=ffff8881bffbd000
                SIZE(page)=64
                OFFSET(page.flags)=0
                LENGTH(mem_section)=2048
                NUMBER(phys_base)=-585105408
                NUMBER(VMALLOC_START)=0xffa0000000000000
                KERNELOFFSET=38000000
                CRASHTIME=1700000000
                """);
        assertThat(info.text("OSRELEASE")).contains("6.1.0-56-amd64");
        assertThat(info.symbol("mem_section")).hasValue(0xffff_8881_bffb_d000L);
        assertThat(info.size("page")).hasValue(64);
        assertThat(info.offset("page", "flags")).hasValue(0);
        assertThat(info.length("mem_section")).hasValue(2048);
        assertThat(info.number("phys_base")).hasValue(-585_105_408L);
        assertThat(info.number("VMALLOC_START")).hasValue(0xffa0_0000_0000_0000L);
        assertThat(info.hexadecimalOf("KERNELOFFSET")).hasValue(0x3800_0000L);
        assertThat(info.decimalOf("CRASHTIME")).hasValue(1_700_000_000L);
        assertThat(info.symbol("absent")).isEmpty();
        assertThat(info.text("absent")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"12, 12", "-1, -1", "0x10, 16", "ff, 255", "140737488355328, 140737488355328",
            "0xffffffffffffffff, -1", "18446744073709551615, ", "'', ", "'12 ', ", "x, ", "0x, ", "--1, ", "0x-1, "})
    void readsNumbersInDecimalThenInHexadecimal(String value, @Nullable Long expected) {
        OptionalLong number = parse("NUMBER(n)=" + value + "\n").number("n");
        assertThat(number).isEqualTo(expected == null ? OptionalLong.empty() : OptionalLong.of(expected));
    }

    @Test
    void takesErrorMarkersAndNegativeSizesForAbsent() {
        assertThat(parse("LENGTH(node_data)=9223372036854775806\n").length("node_data")).isEmpty();
        assertThat(parse("LENGTH(node_data)=9223372036854771711\n").length("node_data"))
                .hasValue(Long.MAX_VALUE - 4096);
        assertThat(parse("SIZE(page)=-1\n").size("page")).isEmpty();
    }

    @Test
    void keepsTheFirstOfEqualKeys() {
        assertThat(parse("SIZE(page)=64\nSIZE(page)=56\n").size("page")).hasValue(64);
    }

    @Test
    void dropsALastLineThatTheEndCutsOff() {
        Vmcoreinfo info = parse("SIZE(page)=64\nSYMBOL(init_top_pgt)=ffffffff8");
        assertThat(info.size("page")).hasValue(64);
        assertThat(info.symbol("init_top_pgt")).isEmpty();
    }

    @Test
    void stopsAtTheFirstNulAndForgivesCarriageReturns() {
        Vmcoreinfo info = parse("SIZE(page)=64\r\n\0SIZE(list_head)=16\n");
        assertThat(info.size("page")).hasValue(64);
        assertThat(info.size("list_head")).isEmpty();
    }

    @Test
    void ignoresLinesWithoutValue() {
        Vmcoreinfo info = parse("\n\nnonsense\n=\n=5\nSIZE(page=64\nA=b=c\n");
        assertThat(info.size("page")).isEmpty();
        assertThat(info.text("A")).contains("b=c");
    }

    @Test
    void keepsTheTextAsItWas() {
        byte[] text = "OSRELEASE=1\n\0rest".getBytes(StandardCharsets.US_ASCII);
        Vmcoreinfo info = Vmcoreinfo.parse("x", text);
        text[0] = 0;
        assertThat(info.bytes()).asString(StandardCharsets.US_ASCII).isEqualTo("OSRELEASE=1\n\0rest");
    }

    @Test
    void movesOnlySymbolsOfTheImage() {
        Vmcoreinfo moved = parse("SYMBOL(a)=ffffffff81000000\nSYMBOL(b)=ffff888000000000\nSIZE(c)=1\n")
                .withSymbolsMoved(0xffff_ffff_8000_0000L, 0x100);
        assertThat(moved.symbol("a")).hasValue(0xffff_ffff_8100_0100L);
        assertThat(moved.symbol("b")).hasValue(0xffff_8880_0000_0000L);
        assertThat(moved.size("c")).hasValue(1);
    }

    @Test
    void takesFromAnotherOnlyWhatItLacks() {
        Vmcoreinfo both = parse("SIZE(page)=64\n").orElse(parse("SIZE(page)=1\nSIZE(zone)=2\n"));
        assertThat(both.size("page")).hasValue(64);
        assertThat(both.size("zone")).hasValue(2);
    }

    @Test
    void readsAFileWhoseLastLineHasNoEnd(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("info"), "OSRELEASE=6.1\nSIZE(page)=64");
        assertThat(Vmcoreinfo.read(file).size("page")).hasValue(64);
        assertThat(Vmcoreinfo.read(file).source()).isEqualTo(file.toString());
        assertThat(Vmcoreinfo.read(file).bytes()).asString().isEqualTo("OSRELEASE=6.1\nSIZE(page)=64\n");
        Files.writeString(file, "OSRELEASE=6.1\nSIZE(page)=64\0\0");
        assertThat(Vmcoreinfo.read(file).size("page")).hasValue(64);
    }

    @Test
    void rejectsAFileThatIsNoVmcoreinfo(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("info"), "garbage");
        assertThatThrownBy(() -> Vmcoreinfo.read(file)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[" + file + "] VMCOREINFO: OSRELEASE= must be there but is missing");
        Path large = Files.write(directory.resolve("large"), new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> Vmcoreinfo.read(large)).hasMessageContaining("must be at most 1048576 bytes long");
        assertThatThrownBy(() -> Vmcoreinfo.read(directory.resolve("absent")))
                .isInstanceOf(NoSuchFileException.class).hasMessageContaining("absent");
    }
}
