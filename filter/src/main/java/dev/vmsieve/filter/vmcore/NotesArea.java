// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// Reads a file's notes into memory, within bounds.
final class NotesArea {
    /// More than registers of all CPUs take. Only drivers' dumps, which come first, may make the area larger.
    private static final int MOST_BYTES = 64 << 20;
    private static final int FIRST_NOTE_BYTES = 20;

    private final DumpFile file;
    private final String name;
    private final ByteOrder order;

    private NotesArea(DumpFile file, ByteOrder order) {
        this.file = file;
        this.name = file.path().toString();
        this.order = order;
    }

    /// All PT_NOTE segments. One is returned as it is; several are put behind each other without what follows the last
    /// note of each.
    static ByteBuffer read(DumpFile file, List<Segment> segments, ByteOrder order) throws IOException {
        var area = new NotesArea(file, order);
        List<ByteBuffer> parts = new ArrayList<>();
        long total = 0;
        for (Segment segment : segments) {
            ByteBuffer part = area.read(segment);
            total += part.capacity();
            if (total > ElfNotes.MOST_BYTES) {
                throw new UnsupportedDumpException(
                        "[" + area.name + "] program headers (PT_NOTE): notes must be at most "
                                + ElfNotes.MOST_BYTES + " bytes in all but were " + total + " and more");
            }
            parts.add(part);
        }
        return parts.size() == 1 ? parts.get(0) : area.join(parts);
    }

    private ByteBuffer read(Segment notes) throws IOException {
        String structure = "program header " + notes.paddr() + " (PT_NOTE)";
        if (notes.fileOffset() < 0 || notes.storedBytes() < 0
                || notes.storedBytes() > file.size() - notes.fileOffset()) {
            throw new CorruptDumpException("[" + name + "] " + structure + ": notes of 0x"
                    + Long.toHexString(notes.storedBytes()) + " bytes at offset 0x"
                    + Long.toHexString(notes.fileOffset()) + " must end within the file's 0x"
                    + Long.toHexString(file.size()) + " bytes but did not");
        }
        long most = notes.storedBytes() <= MOST_BYTES || !startsWithDeviceDump(notes)
                ? MOST_BYTES
                : ElfNotes.MOST_BYTES;
        if (notes.storedBytes() > most) {
            throw new UnsupportedDumpException("[" + name + "] " + structure + ": p_filesz must be at most " + most
                    + " but was " + notes.storedBytes());
        }
        return readAt(notes.fileOffset(), (int) notes.storedBytes());
    }

    private boolean startsWithDeviceDump(Segment notes) throws IOException {
        ByteBuffer first = readAt(notes.fileOffset(), FIRST_NOTE_BYTES);
        return first.getInt(8) == ElfNote.NT_VMCOREDD;
    }

    private ByteBuffer readAt(long offset, int length) throws IOException {
        ByteBuffer bytes = ElfNotes.newArea(length, order);
        file.read("notes", offset, bytes);
        if (bytes.hasRemaining()) {
            throw new CorruptDumpException("[" + name + "] notes: " + length + " bytes must be there but were "
                    + bytes.position() + " (offset 0x" + Long.toHexString(offset) + ")");
        }
        return bytes.flip().order(order);
    }

    private ByteBuffer join(List<ByteBuffer> parts) {
        int total = 0;
        for (ByteBuffer part : parts) {
            part.limit(ElfNotes.parse(part).end());
            total = Math.addExact(total, (part.limit() + 3) & ~3);
        }
        ByteBuffer all = ElfNotes.newArea(total, order);
        for (ByteBuffer part : parts) {
            all.put(part).position((all.position() + 3) & ~3);
        }
        return all.flip().order(order);
    }
}
