// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.arch.Level;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.KernelMismatchException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.SegmentData;

class KernelTest {
    @TempDir
    private Path directory;

    private Kernel open(ElfCoreBuilder core, Optional<Vmcoreinfo> given) throws IOException {
        try (Vmcore vmcore = TinyKernel.open(core, directory)) {
            return Kernel.open(vmcore, given, Progress.NONE);
        }
    }

    private Kernel open(ElfCoreBuilder core) throws IOException {
        return open(core, Optional.empty());
    }

    private static Vmcoreinfo info(String text) {
        return Vmcoreinfo.parse("given", text.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void opensByTheNote(int levels) throws IOException {
        Kernel kernel = open(new TinyKernel(levels).core());
        assertThat(kernel.pageTable().levelCount()).isEqualTo(levels);
        assertThat(kernel.pageTable().root()).isEqualTo(TinyKernel.START + TinyKernel.PGD);
        assertThat(kernel.physBase()).isEqualTo(TinyKernel.PHYS_BASE).isNegative();
        assertThat(kernel.crashTime()).isEqualTo(1_700_000_000L);
        assertThat(kernel.cpus()).isEqualTo(2);
        assertThat(new String(kernel.utsname(), 130, TinyKernel.RELEASE.length(), StandardCharsets.US_ASCII))
                .isEqualTo(TinyKernel.RELEASE);
        assertThat(kernel.utsname()).hasSize(390);
        assertThat(kernel.architecture().name()).isEqualTo("x86_64");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void findsTheNumberOfLevelsWithoutTheKey(int levels) throws IOException {
        Kernel kernel = open(new TinyKernel(levels).without("NUMBER(pgtable_l5_enabled)").core());
        assertThat(kernel.pageTable().levelCount()).isEqualTo(levels);
    }

    @Test
    void takesPhysBaseFromTheTextSegmentOfOldKernels() throws IOException {
        TinyKernel tiny = new TinyKernel(4).without("NUMBER(phys_base)");
        ElfCoreBuilder core = new ElfCoreBuilder().vmcoreinfo(tiny.text())
                .load(TinyKernel.START, TinyKernel.LINKED, 2 << 20, SegmentData.of(tiny.memory.array()))
                .load(TinyKernel.START, 0xffff_8880_0100_0000L, TinyKernel.BYTES,
                        SegmentData.of(tiny.memory.array()));
        assertThat(open(core).physBase()).isEqualTo(TinyKernel.PHYS_BASE);
    }

    @Test
    void findsPhysBaseByTheUtsnameWhereNothingTells() throws IOException {
        TinyKernel tiny = new TinyKernel(4).without("NUMBER(phys_base)");
        assertThat(open(tiny.core()).physBase()).isEqualTo(TinyKernel.PHYS_BASE);
    }

    @Test
    void takesTheRootFromCr3InTheNotesOfQemu() throws IOException {
        TinyKernel tiny = new TinyKernel(4).without("NUMBER(phys_base)");
        byte[] desc = new byte[440];
        ByteBuffer.wrap(desc).order(ByteOrder.LITTLE_ENDIAN).putLong(416,
                TinyKernel.START + 0x6000 | 0x1fff);
        // Only the table that CR3 names is right: the one of the symbol is empty.
        tiny.entry(TinyKernel.PGD, 511, 0);
        tiny.entry(0x6000, 511, TinyKernel.START + TinyKernel.PUD | 0x67);
        assertThat(open(tiny.core().note("QEMU", 0, desc)).pageTable().root())
                .isEqualTo(TinyKernel.START + 0x6000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"init_level4_pgt", "swapper_pg_dir"})
    void takesAnOlderNameOfTheTopTable(String name) throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        tiny.text(tiny.text().replace("init_top_pgt", name));
        assertThat(open(tiny.core()).pageTable().root()).isEqualTo(TinyKernel.START + TinyKernel.PGD);
    }

    @Test
    void takesTheMemoryEncryptionMaskOffEveryEntry() throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        long mask = 1L << 47;
        tiny.entry(TinyKernel.PGD, 511, TinyKernel.START + TinyKernel.PUD | 0x67 | mask);
        tiny.entry(TinyKernel.PUD, 510, TinyKernel.START + TinyKernel.PMD | 0x67 | mask);
        tiny.entry(TinyKernel.PMD, 0x88, TinyKernel.START | 0xe3 | mask);
        assertThatThrownBy(() -> open(tiny.core())).isInstanceOf(CorruptDumpException.class);
        tiny.text(tiny.text() + "NUMBER(sme_mask)=140737488355328\n");
        assertThat(open(tiny.core()).physBase()).isEqualTo(TinyKernel.PHYS_BASE);
    }

    @ParameterizedTest
    @ValueSource(ints = {TinyKernel.NOTE, 0x20_0000, 0x2f_fff0, 0x30_1004, 0x3f_f000, (1 << 20) - 16, 0x1f_fff4})
    void findsTheNoteInMemoryWhenTheDumpHasNone(int offset) throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        Kernel kernel = open(tiny.noteInMemory(offset, tiny.text()).coreWithoutNote());
        assertThat(kernel.physBase()).isEqualTo(TinyKernel.PHYS_BASE);
        assertThat(kernel.vmcoreinfo().source())
                .endsWith("note in memory at 0x" + Long.toHexString(TinyKernel.START + offset));
    }

    @Test
    void takesTheNoteInMemoryThatProvesItself() throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        tiny.noteInMemory(0x10_0000, tiny.text().replace(TinyKernel.RELEASE, "5.10.0-stale"));
        tiny.noteInMemory(0x11_0000, "OSRELEASE=");
        tiny.noteInMemory(0x12_0000, tiny.text().replace("SYMBOL(init_uts_ns)=f", "SYMBOL(init_uts_ns)=e"));
        tiny.noteInMemory(0x13_0000, tiny.text());
        assertThat(open(tiny.coreWithoutNote()).vmcoreinfo().source()).endsWith("0x1130000");
    }

    @Test
    void searchesMemoryWhenTheNoteIsEmpty() throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        tiny.noteInMemory(TinyKernel.NOTE, tiny.text());
        assertThat(open(tiny.coreWithoutNote().vmcoreinfo("")).physBase()).isEqualTo(TinyKernel.PHYS_BASE);
    }

    @Test
    void saysThatThereIsNoVmcoreinfo() {
        assertThatThrownBy(() -> open(new TinyKernel(4).coreWithoutNote())).isInstanceOf(MissingSymbolException.class)
                .hasMessageContaining(
                        "VMCOREINFO: is neither in a note nor in memory; -x VMLINUX or -i VMCOREINFO can");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PAGESIZE", "SYMBOL(init_uts_ns)", "SYMBOL(init_top_pgt)"})
    void namesTheMissingKey(String key) {
        assertThatThrownBy(() -> open(new TinyKernel(4).without(key).core()))
                .isInstanceOf(MissingSymbolException.class).hasMessageContaining("vmcore] VMCOREINFO: " + key
                        + " is missing; -x VMLINUX or -i VMCOREINFO can supply it");
    }

    @Test
    void rejectsAnotherPageSize() {
        TinyKernel tiny = new TinyKernel(4);
        tiny.text(tiny.text().replace("PAGESIZE=4096", "PAGESIZE=65536"));
        assertThatThrownBy(() -> open(tiny.core())).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("PAGESIZE must be 4096 but was 65536");
    }

    @Test
    void rejectsAPageTableThatLeadsNowhere() {
        TinyKernel tiny = new TinyKernel(4);
        tiny.entry(TinyKernel.PMD, 0x88, 0);
        assertThatThrownBy(() -> open(tiny.core())).isInstanceOf(CorruptDumpException.class).hasMessageContaining(
                "the release at init_uts_ns must be 6.1.0-tiny-amd64 as VMCOREINFO says but the address is not mapped:"
                        + " pmd[136] = 0x0, page table at 0x1001000");
    }

    @Test
    void rejectsMemoryWithAnotherRelease() {
        TinyKernel tiny = new TinyKernel(4);
        tiny.utsname("5.10.0-other");
        assertThatThrownBy(() -> open(tiny.core())).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("but it was 5.10.0-other");
    }

    @Test
    void rejectsCyclicPageTablesWithoutHanging() {
        for (int levels = 4; levels <= 5; levels++) {
            TinyKernel tiny = new TinyKernel(levels);
            for (int index = 0; index < 512; index++) {
                tiny.entry(TinyKernel.PGD, index, TinyKernel.START + TinyKernel.PGD | 0x67);
            }
            assertThatThrownBy(() -> open(tiny.core())).isInstanceOf(CorruptDumpException.class)
                    .hasMessageContaining("there is no utsname at that place");
        }
    }

    @Test
    void acceptsGivenVmcoreinfoForADumpWithout() throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        assertThat(open(tiny.coreWithoutNote(), Optional.of(info(tiny.text()))).vmcoreinfo().source())
                .isEqualTo("given");
    }

    @Test
    void movesGivenSymbolsByTheOffsetThatTheFileNames() throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        String linked = tiny.text().replace("=ffffffff91", "=ffffffff81");
        assertThat(open(tiny.coreWithoutNote(), Optional.of(info(linked))).physBase())
                .isEqualTo(TinyKernel.PHYS_BASE);
    }

    /// What a vmlinux tells: addresses as linked, and nothing of this boot.
    private static String asLinked(TinyKernel tiny) {
        return tiny.without("KERNELOFFSET", "NUMBER(phys_base)", "NUMBER(pgtable_l5_enabled)", "CRASHTIME").text()
                .replace("=ffffffff91", "=ffffffff81");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void findsHowFarKaslrMovedTheKernel(int levels) throws IOException {
        TinyKernel tiny = new TinyKernel(levels);
        Kernel kernel = open(tiny.coreWithoutNote(), Optional.of(info(asLinked(tiny))));
        assertThat(kernel.physBase()).isEqualTo(TinyKernel.PHYS_BASE);
        assertThat(kernel.pageTable().levelCount()).isEqualTo(levels);
        assertThat(kernel.vmcoreinfo().symbol("init_uts_ns")).hasValue(TinyKernel.LINKED + TinyKernel.UTS);
    }

    @Test
    void findsHowFarKaslrMovedTheKernelByTheTextSegment() throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        ElfCoreBuilder core = new ElfCoreBuilder().load(TinyKernel.START, TinyKernel.LINKED, TinyKernel.BYTES,
                SegmentData.of(tiny.memory.array()));
        Kernel kernel = open(core, Optional.of(info(asLinked(tiny))));
        assertThat(kernel.vmcoreinfo().symbol("init_top_pgt")).hasValue(TinyKernel.LINKED + TinyKernel.PGD);
        assertThat(kernel.physBase()).isEqualTo(TinyKernel.PHYS_BASE);
    }

    /// Since 4.13 the symbol is a pointer, before it was the text itself.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void takesTheKernelsOwnTextWhereAVmlinuxLeadsToIt(boolean pointer) throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        String own = tiny.text() + "NUMBER(PG_lru)=4\n";
        int text = pointer ? 0xa000 : 0x9000;
        tiny.memory.put(text, own.getBytes(StandardCharsets.US_ASCII));
        tiny.memory.putLong(0xb000, own.length());
        if (pointer) {
            tiny.memory.putLong(0x9000, TinyKernel.LINKED + text);
        }
        String linked = asLinked(tiny) + "SYMBOL(vmcoreinfo_data)=" + Long.toHexString(TinyKernel.BASE + 0x100_9000)
                + "\nSYMBOL(vmcoreinfo_size)=" + Long.toHexString(TinyKernel.BASE + 0x100_b000)
                + "\nNUMBER(PG_lru)=5\nSIZE(page)=64\n";
        Kernel kernel = open(tiny.coreWithoutNote(), Optional.of(info(linked)));
        assertThat(kernel.crashTime()).isEqualTo(1_700_000_000L);
        assertThat(kernel.vmcoreinfo().number("PG_lru")).hasValue(4);
        assertThat(kernel.vmcoreinfo().size("page")).hasValue(64);
        assertThat(kernel.vmcoreinfo().source()).contains("text in memory at 0xffffffff9100" + (pointer ? "a" : "9"));
    }

    @Test
    void doesWithoutTheKernelsOwnTextWhereItIsGone() throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        String linked = asLinked(tiny) + "SYMBOL(vmcoreinfo_data)=" + Long.toHexString(TinyKernel.BASE + 0x100_9000)
                + "\nSYMBOL(vmcoreinfo_size)=ffffffffff000000\n";
        Kernel kernel = open(tiny.coreWithoutNote(), Optional.of(info(linked)));
        assertThat(kernel.vmcoreinfo().source()).isEqualTo("given");
    }

    @Test
    void showsTheWalkOfAnAddress() throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        tiny.entry(TinyKernel.PTE, 3, 0xfee0_0063L);
        try (Vmcore vmcore = TinyKernel.open(tiny.core(), directory)) {
            Kernel kernel = Kernel.open(vmcore, Optional.empty(), Progress.NONE);
            PageWalk walk = PageWalk.of(kernel, TinyKernel.LINKED + 0x1234);
            assertThat(walk.steps()).containsExactly(
                    new PageWalk.Step(Level.PGD, TinyKernel.START + TinyKernel.PGD + 511 * 8,
                            TinyKernel.START + TinyKernel.PUD | 0x67),
                    new PageWalk.Step(Level.PUD, TinyKernel.START + TinyKernel.PUD + 510 * 8,
                            TinyKernel.START + TinyKernel.PMD | 0x67),
                    new PageWalk.Step(Level.PMD, TinyKernel.START + TinyKernel.PMD + 0x88 * 8,
                            TinyKernel.START | 0xe3));
            assertThat(walk.result()).isEqualTo(new Translation.Mapped(TinyKernel.START + 0x1234, (2 << 20) - 0x1234));
            PageWalk device = PageWalk.of(kernel, TinyKernel.LINKED + (2 << 20) + 0x3456);
            assertThat(device.steps()).hasSize(4);
            assertThat(device.result()).isEqualTo(new Translation.Mapped(0xfee0_0456L, 0x1000 - 0x456));
            PageWalk hole = PageWalk.of(kernel, 0x1234);
            assertThat(hole.steps()).hasSize(1);
            assertThat(hole.result()).isInstanceOf(Translation.NotPresent.class);
            assertThat(PageWalk.of(kernel, 1L << 60).steps()).isEmpty();
        }
    }

    @Test
    void completesTheNoteWithGivenVmcoreinfo() throws IOException {
        TinyKernel tiny = new TinyKernel(4);
        String linked = "OSRELEASE=" + TinyKernel.RELEASE + "\nSYMBOL(init_uts_ns)=" + Long.toHexString(
                TinyKernel.LINKED + TinyKernel.UTS - 0x1000_0000) + "\nSIZE(page)=64\n";
        Kernel kernel = open(tiny.without("SYMBOL(init_uts_ns)").core(), Optional.of(info(linked)));
        assertThat(kernel.vmcoreinfo().symbol("init_uts_ns")).hasValue(TinyKernel.LINKED + TinyKernel.UTS);
        assertThat(kernel.vmcoreinfo().size("page")).hasValue(64);
        assertThat(kernel.vmcoreinfo().text("CRASHTIME")).contains("1700000000");
    }

    @Test
    void refusesGivenVmcoreinfoOfAnotherKernel() {
        TinyKernel tiny = new TinyKernel(4);
        Vmcoreinfo other = info(tiny.text().replace(TinyKernel.RELEASE, "5.10.0-other"));
        String expected = "[given] VMCOREINFO: OSRELEASE must be 6.1.0-tiny-amd64 as in "
                + directory.resolve("vmcore") + " but was 5.10.0-other";
        assertThatThrownBy(() -> open(tiny.core(), Optional.of(other))).isInstanceOf(KernelMismatchException.class)
                .hasMessage(expected);
        assertThatThrownBy(() -> open(tiny.coreWithoutNote(), Optional.of(other)))
                .isInstanceOf(KernelMismatchException.class).hasMessage(expected);
        Vmcoreinfo elsewhere = info(tiny.text().replace(TinyKernel.RELEASE, "5.10.0-other").replace("=ffffffff91",
                "=ffffffff82"));
        tiny.noteInMemory(TinyKernel.NOTE, tiny.text());
        assertThatThrownBy(() -> open(tiny.coreWithoutNote(), Optional.of(elsewhere)))
                .isInstanceOf(KernelMismatchException.class).hasMessage(expected);
    }
}
