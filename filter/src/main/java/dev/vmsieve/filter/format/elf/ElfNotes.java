// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The notes of an area, as far as they can be read: what comes after a damaged note is lost, what comes before is not.
///
/// Grammar: namesz, descsz, type (32 bits each, the dump's byte order), name with its NUL padded to 4 bytes, description
/// padded to 4. The last note may lack its padding. namesz and descsz both 0 end the list.
///
/// @param list in file order
/// @param end where the last good note ends in the area, padding included, in bytes
/// @param damage what is wrong with the note at that place, if it is not the end of the list
public record ElfNotes(List<ElfNote> list, int end, Optional<String> damage) {
    /// Bytes that notes may have in all, drivers' dumps among them.
    public static final int MOST_BYTES = 1 << 30;

    private static final int HEADER_BYTES = 12;
    private static final int MOST_NOTES = 1 << 18;
    /// More is only there where drivers left dumps of their own, too large for the heap.
    private static final int MOST_ON_HEAP = 1 << 20;
    private static final int LONGEST_NAME = 64;

    /// Copies the list.
    public ElfNotes {
        list = List.copyOf(list);
    }

    /// Reads the area: the buffer from 0 to its limit, in the buffer's byte order.
    public static ElfNotes parse(ByteBuffer area) {
        List<ElfNote> list = new ArrayList<>();
        int at = 0;
        while (at <= area.limit() - HEADER_BYTES) {
            long namesz = area.getInt(at) & 0xffff_ffffL;
            long descsz = area.getInt(at + 4) & 0xffff_ffffL;
            if (namesz == 0 && descsz == 0) {
                return new ElfNotes(list, at, Optional.empty());
            }
            long descAt = at + HEADER_BYTES + pad(namesz);
            if (at + HEADER_BYTES + namesz > area.limit()) {
                return damaged(list, at, "namesz", namesz, area);
            }
            if (descAt + descsz > area.limit() && descsz > 0) {
                return damaged(list, at, "descsz", descsz, area);
            }
            if (list.size() == MOST_NOTES) {
                return new ElfNotes(list, at, Optional.of("more than " + MOST_NOTES + " notes"));
            }
            list.add(new ElfNote(name(area, at + HEADER_BYTES, (int) namesz), area.getInt(at + 8),
                    (int) Math.min(descAt, area.limit()),
                    (int) descsz));
            at = (int) Math.min(descAt + pad(descsz), area.limit());
        }
        return new ElfNotes(list, at, Optional.empty());
    }

    /// An area for notes, all zero, in memory that is large enough: drivers' dumps are larger than the heap.
    public static ByteBuffer newArea(int bytes, ByteOrder order) {
        ByteBuffer area = bytes <= MOST_ON_HEAP ? ByteBuffer.allocate(bytes) : ByteBuffer.allocateDirect(bytes);
        return area.order(order);
    }

    /// A copy of the area with one more note of text, type 0, behind its last good one.
    public static ByteBuffer with(ByteBuffer area, String name, byte[] text) {
        byte[] label = (name + "\0").getBytes(StandardCharsets.ISO_8859_1);
        int start = parse(area).end();
        int descriptor = Math.toIntExact(start + HEADER_BYTES + pad(label.length));
        ByteBuffer all = newArea(Math.toIntExact(descriptor + pad(text.length)), area.order());
        all.put(0, area, 0, start);
        all.putInt(start, label.length).putInt(start + 4, text.length);
        all.put(start + HEADER_BYTES, label).put(descriptor, text);
        return all;
    }

    private static ElfNotes damaged(List<ElfNote> list, int at, String field, long found, ByteBuffer area) {
        return new ElfNotes(list, at, Optional.of("note " + list.size() + ": " + field + " must fit into the "
                + (area.limit() - at) + " bytes that are left but was " + found));
    }

    private static long pad(long bytes) {
        return (bytes + 3) & ~3L;
    }

    private static String name(ByteBuffer area, int at, int namesz) {
        int length = 0;
        while (length < Math.min(namesz, LONGEST_NAME) && area.get(at + length) != 0) {
            length++;
        }
        byte[] name = new byte[length];
        area.get(at, name);
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    /// How many notes have that name and type.
    public int count(String name, int type) {
        int count = 0;
        for (ElfNote note : list) {
            if (note.type() == type && note.name().equals(name)) {
                count++;
            }
        }
        return count;
    }

    /// The text of the last note of that name.
    ///
    /// @param area the area that was parsed
    public Optional<byte[]> text(String name, ByteBuffer area) {
        Optional<ElfNote> note = last(name);
        if (note.isEmpty()) {
            return Optional.empty();
        }
        byte[] text = new byte[note.get().descBytes()];
        area.get(note.get().descOffset(), text);
        return Optional.of(text);
    }

    /// The last note of that name: where a name comes more than once, the last counts.
    public Optional<ElfNote> last(String name) {
        for (int i = list.size() - 1; i >= 0; i--) {
            if (list.get(i).name().equals(name)) {
                return Optional.of(list.get(i));
            }
        }
        return Optional.empty();
    }
}
