// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Where a running kernel says that its VMCOREINFO note is: /sys/kernel/vmcoreinfo, physical address and length in
/// hexadecimal digits (`0x00000000011ee000 1024`). The way to it before /proc/kcore had the note itself (Linux commit
/// 23c85094fe18, in v4.19).
public final class VmcoreinfoPointer {
    /// Where a Linux system has it.
    public static final Path SYSFS = Path.of("/sys/kernel/vmcoreinfo");

    private static final int MAX_LINE_BYTES = 256;
    private static final long MAX_NOTE_BYTES = 1 << 20;
    private static final long MEMORY_LIMIT = 1L << 52;

    private VmcoreinfoPointer() {}

    /// Reads the note; empty if the file is not there or names nothing that is a note. What is found still has to prove
    /// itself.
    public static Optional<Vmcoreinfo> follow(Path file, Vmcore vmcore) throws IOException {
        String line = firstLine(file).strip();
        int space = line.indexOf(' ');
        long paddr = space < 0 ? -1 : hexadecimal(line.substring(0, space));
        long bytes = space < 0 ? -1 : hexadecimal(line.substring(space + 1));
        if (paddr < 0 || paddr >= MEMORY_LIMIT || bytes <= 0 || bytes > MAX_NOTE_BYTES) {
            return Optional.empty();
        }
        ByteBuffer memory = ByteBuffer.allocateDirect((int) bytes).order(vmcore.byteOrder());
        try (PageReader reader = vmcore.newReader()) {
            reader.read(paddr, memory, 0, (int) bytes);
        }
        Optional<ElfNote> note = ElfNotes.parse(memory).last(ElfNote.VMCOREINFO);
        if (note.isEmpty()) {
            return Optional.empty();
        }
        byte[] text = new byte[note.get().descBytes()];
        memory.get(note.get().descOffset(), text);
        return Optional.of(Vmcoreinfo.parse(vmcore.name() + ", note named by " + file, text));
    }

    private static String firstLine(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            return new String(stream.readNBytes(MAX_LINE_BYTES), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException none) {
            return "";
        }
    }

    private static long hexadecimal(String word) {
        try {
            return Long.parseLong(word.startsWith("0x") ? word.substring(2) : word, 16);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
