// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// The section table of an ELF file of either class and byte order. Every section lies in the file, or takes no place in it.
///
/// @param file the file, which stays the caller's
/// @param wordBytes 8 for ELFCLASS64, 4 for ELFCLASS32
/// @param byteOrder e_ident[EI_DATA]
/// @param machine e_machine
/// @param list in the table's order
record ElfSections(DumpFile file, int wordBytes, ByteOrder byteOrder, int machine, List<ElfSection> list) {
    private static final String HEADER = "ELF header";
    private static final int HEADER_BYTES = 64;
    private static final int ET_CORE = 4;
    private static final int ET_REL = 1;
    private static final int MOST_SECTIONS = 1 << 16;
    private static final int LONGEST_NAME = 64;
    private static final int EXTENDED_INDEX = 0xffff;
    /// What index 0 stands for: none. The table's first entry has what found no room in the ELF header.
    private static final ElfSection NO_SECTION = new ElfSection("", 0, 0, 0, 0, 0, 0);

    /// Reads the table.
    ///
    /// @throws CorruptDumpException if it is cut or breaks the format
    /// @throws UnsupportedDumpException if the file is a core or an object file
    static ElfSections read(DumpFile file) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEADER_BYTES);
        if (file.read(0, head) < HEADER_BYTES) {
            throw corrupt(file, "file", "have at least " + HEADER_BYTES + " bytes", head.position() + " bytes long", 0);
        }
        int elfClass = head.get(4);
        int data = head.get(5);
        if (elfClass != 1 && elfClass != 2) {
            throw corrupt(file, "e_ident[EI_CLASS]", "be 1 or 2", Integer.toString(elfClass), 4);
        }
        if (data != 1 && data != 2) {
            throw corrupt(file, "e_ident[EI_DATA]", "be 1 or 2", Integer.toString(data), 5);
        }
        head.order(data == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        checkType(file, head.getShort(16) & 0xffff);
        return new Table(file, head, elfClass == 2).sections();
    }

    private static void checkType(DumpFile file, int type) throws UnsupportedDumpException {
        if (type == ET_CORE || type == ET_REL) {
            throw UnsupportedDumpException.of(file.path().toString(), HEADER, "e_type",
                    "be 2 or 3 (a kernel, as vmlinux is)",
                    type == ET_CORE ? "4 (a core file)" : "1 (an object file or a kernel module)", 16);
        }
    }

    /// The first section of that name, packed or not, that holds bytes.
    Optional<ElfSection> find(String name) {
        String packed = name.startsWith(".debug_") ? ".z" + name.substring(1) : name;
        for (ElfSection section : list) {
            if (section.isInFile() && (section.name().equals(name) || section.name().equals(packed))) {
                return Optional.of(section);
            }
        }
        return Optional.empty();
    }

    private static CorruptDumpException corrupt(DumpFile file, String field, String rule, String found, long offset) {
        return CorruptDumpException.of(file.path().toString(), HEADER, field, rule, found, offset);
    }

    /// The walk through the table; places differ by class.
    private static final class Table {
        private final DumpFile file;
        private final ByteBuffer head;
        private final boolean wide;
        private final int entryBytes;
        private final long start;

        Table(DumpFile file, ByteBuffer head, boolean wide) {
            this.file = file;
            this.head = head;
            this.wide = wide;
            this.entryBytes = wide ? 64 : 40;
            this.start = wide ? head.getLong(40) : head.getInt(32) & 0xffff_ffffL;
        }

        ElfSections sections() throws IOException {
            int field = wide ? 58 : 46;
            if (start == 0) {
                throw corrupt(file, "e_shoff", "name a section table", "0", wide ? 40 : 32);
            }
            if ((head.getShort(field) & 0xffff) != entryBytes) {
                throw corrupt(file, "e_shentsize", "be " + entryBytes, Integer.toString(head.getShort(field) & 0xffff),
                        field);
            }
            ElfSection first = entry(entries(1, field), 0);
            long count = head.getShort(field + 2) & 0xffff;
            count = count == 0 ? first.bytes() : count;
            if (count < 1 || count > MOST_SECTIONS) {
                throw corrupt(file, "e_shnum", "be from 1 to " + MOST_SECTIONS, Long.toUnsignedString(count),
                        field + 2);
            }
            long names = head.getShort(field + 4) & 0xffff;
            names = names == EXTENDED_INDEX ? first.link() & 0xffff_ffffL : names;
            if (names >= count) {
                throw corrupt(file, "e_shstrndx", "be less than " + count, Long.toString(names), field + 4);
            }
            ByteBuffer entries = entries((int) count, field);
            ElfSection strings = names == 0 ? NO_SECTION : checked(entry(entries, (int) names), (int) names);
            List<ElfSection> list = new ArrayList<>();
            list.add(NO_SECTION);
            for (int i = 1; i < count; i++) {
                ElfSection raw = checked(entry(entries, i), i);
                list.add(new ElfSection(name(strings, entries.getInt(i * entryBytes)), raw.type(), raw.flags(),
                        raw.address(), raw.offset(), raw.bytes(), raw.link()));
            }
            return new ElfSections(file, wide ? Long.BYTES : Integer.BYTES, head.order(), head.getShort(18) & 0xffff,
                    List.copyOf(list));
        }

        private ByteBuffer entries(int count, int field) throws IOException {
            int bytes = count * entryBytes;
            if (start < 0 || start > file.size() - bytes) {
                throw corrupt(file, "e_shoff", "leave room for " + count + " section headers in a file of "
                        + file.size() + " bytes", "0x" + Long.toHexString(start), field - (wide ? 18 : 14));
            }
            ByteBuffer entries = ByteBuffer.allocate(bytes).order(head.order());
            file.read(start, entries);
            return entries;
        }

        private ElfSection entry(ByteBuffer entries, int index) {
            int at = index * entryBytes;
            return wide
                    ? new ElfSection("", entries.getInt(at + 4), entries.getLong(at + 8), entries.getLong(at + 16),
                            entries.getLong(at + 24), entries.getLong(at + 32), entries.getInt(at + 40))
                    : new ElfSection("", entries.getInt(at + 4), word(entries, at + 8), word(entries, at + 12),
                            word(entries, at + 16), word(entries, at + 20), entries.getInt(at + 24));
        }

        private static long word(ByteBuffer entries, int at) {
            return entries.getInt(at) & 0xffff_ffffL;
        }

        private ElfSection checked(ElfSection section, int index) throws CorruptDumpException {
            if (section.isInFile() && (section.offset() < 0 || section.bytes() < 0
                    || section.offset() > file.size() - section.bytes())) {
                throw CorruptDumpException.of(file.path().toString(), "ELF section header " + index,
                        "sh_offset and sh_size",
                        "lie in a file of " + file.size() + " bytes", "0x" + Long.toHexString(section.offset())
                                + " and 0x" + Long.toHexString(section.bytes()),
                        start + (long) index * entryBytes);
            }
            return section;
        }

        /// Sections of names that are longer than any of interest keep what fits.
        private String name(ElfSection strings, int at) throws IOException {
            if (at < 0 || at >= strings.bytes() || !strings.isInFile()) {
                return "";
            }
            ByteBuffer text = ByteBuffer.allocate((int) Math.min(LONGEST_NAME, strings.bytes() - at));
            file.read(strings.offset() + at, text);
            int length = 0;
            while (length < text.position() && text.get(length) != 0) {
                length++;
            }
            return new String(text.array(), 0, length, StandardCharsets.ISO_8859_1);
        }
    }
}
