// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;

import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.SegmentData;

/// The least that proves itself as a kernel: 4 MiB of memory at [#START], with an image of 2 MiB that holds page tables
/// and the utsname, and a VMCOREINFO text. Everything can be overwritten by the test.
final class TinyKernel {
    static final long BASE = 0xffff_ffff_8000_0000L;
    static final long START = 0x0100_0000;
    static final int BYTES = 4 << 20;
    static final String RELEASE = "6.1.0-tiny-amd64";
    /// Where the kernel is linked; with KASLR of 0x1000_0000.
    static final long LINKED = BASE + 0x1100_0000L;
    static final long PHYS_BASE = START - 0x1100_0000L;
    static final int PGD = 0x1000;
    static final int P4D = 0x2000;
    static final int PUD = 0x3000;
    static final int PMD = 0x4000;
    static final int PTE = 0x5000;
    static final int UTS = 0x8000;
    /// Offset of the VMCOREINFO note, when memory holds one.
    static final int NOTE = 0x20_0ffc;

    final ByteBuffer memory = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final int levels;
    private String text;

    TinyKernel(int levels) {
        this.levels = levels;
        int pud = levels == 5 ? P4D : PGD;
        if (levels == 5) {
            entry(PGD, 511, START + P4D | 0x67);
        }
        entry(pud, 511, START + PUD | 0x67);
        entry(PUD, 510, START + PMD | 0x67);
        entry(PMD, 0x88, START | 0xe3);
        entry(PMD, 0x89, START + PTE | 0x67);
        utsname(RELEASE);
        text = "OSRELEASE=" + RELEASE + "\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=" + Long.toHexString(LINKED + UTS)
                + "\nOFFSET(uts_namespace.name)=4\nSYMBOL(init_top_pgt)=" + Long.toHexString(LINKED + PGD)
                + "\nNUMBER(phys_base)=" + PHYS_BASE + "\nNUMBER(pgtable_l5_enabled)=" + (levels - 4)
                + "\nKERNELOFFSET=10000000\nCRASHTIME=1700000000\n";
    }

    void entry(int table, int index, long value) {
        memory.putLong(table + 8 * index, value);
    }

    void utsname(String release) {
        string(0, "Linux");
        string(1, "tiny");
        string(2, release);
        string(4, "x86_64");
    }

    private void string(int index, String value) {
        byte[] padded = Arrays.copyOf(value.getBytes(StandardCharsets.US_ASCII), 65);
        memory.put(UTS + 4 + 65 * index, padded);
    }

    int levels() {
        return levels;
    }

    String text() {
        return text;
    }

    TinyKernel text(String replacement) {
        text = replacement;
        return this;
    }

    /// Drops the lines that start so.
    TinyKernel without(String... keys) {
        for (String key : keys) {
            text = text.replaceAll("(?m)^" + Pattern.quote(key) + "=.*\n", "");
        }
        return this;
    }

    /// Puts a VMCOREINFO note into memory.
    TinyKernel noteInMemory(int offset, String noteText) {
        memory.put(offset, ElfCoreBuilder.noteOf(ByteOrder.LITTLE_ENDIAN, "VMCOREINFO", 0,
                noteText.getBytes(StandardCharsets.US_ASCII)));
        return this;
    }

    /// A core with the text in its note, two CPUs, and no telling virtual addresses.
    ElfCoreBuilder core() {
        return coreWithoutNote().vmcoreinfo(text);
    }

    ElfCoreBuilder coreWithoutNote() {
        return new ElfCoreBuilder().prstatus(1).prstatus(2).load(START, START, BYTES, SegmentData.of(memory.array()));
    }

    static Vmcore open(ElfCoreBuilder core, Path directory) throws IOException {
        return VmcoreOpener.open(core.write(directory.resolve("vmcore")), new OpenOptions(true), Progress.NONE);
    }
}
