// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.filter.arch.Level;
import dev.vmsieve.filter.arch.X86_64;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.vmcore.Vmcore;

/// The tiny kernel's second 2 MiB are mapped page by page, backwards.
class KernelMemoryTest {
    private static final long SMALL = TinyKernel.BASE + 0x1120_0000L;
    private static final int PAGES = 100;

    @TempDir
    private Path directory;
    private Vmcore vmcore;
    private KernelMemory memory;

    @BeforeEach
    void open() throws IOException {
        var tiny = new TinyKernel(4);
        for (int i = 0; i < PAGES; i++) {
            int offset = 0x30_0000 - (i + 1) * 4096;
            tiny.entry(TinyKernel.PTE, i, (TinyKernel.START + offset) | 0x63);
            for (int at = 0; at < 4096; at += 8) {
                tiny.memory.putLong(offset + at, i * 512L + at / 8);
            }
        }
        tiny.entry(TinyKernel.PTE, PAGES + 1, 0x7fff_0063L);
        vmcore = TinyKernel.open(tiny.core(), directory);
        memory = new KernelMemory(vmcore,
                new PageTable(X86_64.tables(4, 0), TinyKernel.START + TinyKernel.PGD));
    }

    @AfterEach
    void close() throws IOException {
        memory.close();
        vmcore.close();
    }

    @Test
    void readsRunsOverPageBoundaries() throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(PAGES * 4096).order(vmcore.byteOrder());
        memory.read(SMALL + 8, target, 16, 50 * 4096);
        for (int i = 0; i < 50 * 512; i++) {
            assertThat(target.getLong(16 + 8 * i)).isEqualTo(i + 1);
        }
        assertThat(target.getLong(8)).isZero();
        assertThat(target.getLong(16 + 50 * 4096)).isZero();
    }

    @Test
    void readsWordsAcrossAPageBoundary() throws IOException {
        assertThat(memory.u64(SMALL + 4096)).isEqualTo(512);
        assertThat(memory.word(SMALL + 4096 + 8)).isEqualTo(513);
        assertThat(memory.u64(SMALL + 4096 - 4)).isEqualTo(512L << 32);
        assertThat(memory.u32(SMALL + 4096 + 16)).isEqualTo(514);
    }

    @Test
    void tellsHowFarAMappingReaches() throws IOException {
        assertThat(memory.translate(TinyKernel.LINKED + 0x10))
                .isEqualTo(new Translation.Mapped(TinyKernel.START + 0x10, 0x1f_fff0));
        assertThat(memory.translate(TinyKernel.LINKED + 0x20))
                .isEqualTo(new Translation.Mapped(TinyKernel.START + 0x20, 0x1f_ffe0));
        assertThat(memory.translate(TinyKernel.LINKED))
                .isEqualTo(new Translation.Mapped(TinyKernel.START, 0x20_0000));
        assertThat(memory.translate(SMALL + 4097))
                .isEqualTo(new Translation.Mapped(TinyKernel.START + 0x30_0000 - 2 * 4096 + 1, 4095));
    }

    @Test
    void failsForAnAddressThatIsNotMapped() throws IOException {
        long kvaddr = SMALL + PAGES * 4096L;
        assertThat(memory.translate(kvaddr)).isEqualTo(new Translation.NotPresent(Level.PTE, PAGES, 0));
        assertThatThrownBy(() -> memory.u64(kvaddr - 4)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[" + vmcore.name() + "] kernel memory: address 0xffffffff91264000 must be mapped but was"
                        + " not: pte[100] = 0x0 (in a read of 8 bytes)");
    }

    @Test
    void takesMemoryOutsideTheDumpForUnmapped() throws IOException {
        assertThat(memory.translate(SMALL + (PAGES + 1) * 4096L))
                .isEqualTo(new Translation.NotPresent(Level.PTE, PAGES + 1, 0x7fff_0063L));
    }

    @Test
    void remembersThePagesOfItsTables() throws IOException {
        assertThat(memory.tablePfns().pfns()).isEmpty();
        memory.u64(SMALL);
        memory.u64(TinyKernel.LINKED);
        assertThat(memory.tablePfns().pfns()).containsExactlyInAnyOrder(pfn(TinyKernel.PGD), pfn(TinyKernel.PUD),
                pfn(TinyKernel.PMD), pfn(TinyKernel.PTE));
    }

    private static long pfn(int offset) {
        return (TinyKernel.START + offset) >> 12;
    }

    @Test
    void rejectsATargetThatIsTooSmall() {
        ByteBuffer target = ByteBuffer.allocateDirect(8);
        assertThatThrownBy(() -> memory.read(SMALL, target, 4, 8)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
