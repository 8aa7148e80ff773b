// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.format.kdump.FileRegion;
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

    /// The notes of a kdump file.
    ///
    /// @param region inside the file
    static ByteBuffer read(DumpFile file, FileRegion region, ByteOrder order) throws IOException {
        var area = new NotesArea(file, order);
        long most = area.most(region.offset(), region.bytes());
        if (region.bytes() > most) {
            throw new CorruptDumpException("[" + area.name + "] kdump sub header: size_note must be at most " + most
                    + " but was " + region.bytes());
        }
        return area.readAt(region.offset(), (int) region.bytes());
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
        long most = most(notes.fileOffset(), notes.storedBytes());
        if (notes.storedBytes() > most) {
            throw new UnsupportedDumpException("[" + name + "] " + structure + ": p_filesz must be at most " + most
                    + " but was " + notes.storedBytes());
        }
        return readAt(notes.fileOffset(), (int) notes.storedBytes());
    }

    private long most(long offset, long bytes) throws IOException {
        return bytes <= MOST_BYTES || !startsWithDeviceDump(offset) ? MOST_BYTES : ElfNotes.MOST_BYTES;
    }

    private boolean startsWithDeviceDump(long offset) throws IOException {
        return readAt(offset, FIRST_NOTE_BYTES).getInt(8) == ElfNote.NT_VMCOREDD;
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
