// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// One unit of .debug_info, its bytes in memory: the header, and entries read one by one (DWARF 5, section 7.5).
///
/// Every offset is that in the unit, header included, unless it is said to be in .debug_info.
final class DwarfUnit implements Leb128<CorruptDumpException> {
    /// A distribution's largest has 2 MB.
    private static final long MOST_BYTES = 256 << 20;
    private static final int OLDEST = 2;
    private static final int NEWEST = 5;
    private static final int WIDE = 0xffff_ffff;
    private static final int FIRST_RESERVED = 0xffff_fff0;
    /// Where a unit's part of .debug_str_offsets begins if it does not tell: behind the one header there is.
    private static final int USUAL_STRING_OFFSETS = 8;

    private final DwarfSections sections;
    private final String file;
    private final long start;
    private final ByteBuffer bytes;
    private final int version;
    private final int offsetBytes;
    private final int addressBytes;
    private final Abbreviations abbreviations;
    private final int first;
    private long stringOffsetsBase;
    private int cursor;
    private int entryAt;

    private DwarfUnit(DwarfSections sections, long start, ByteBuffer bytes, int offsetBytes) throws IOException {
        this.sections = sections;
        this.file = sections.info().file();
        this.start = start;
        this.bytes = bytes;
        this.offsetBytes = offsetBytes;
        this.cursor = offsetBytes == Long.BYTES ? 12 : 4;
        this.version = u16();
        if (version < OLDEST || version > NEWEST) {
            throw UnsupportedDumpException.of(file, ".debug_info", "version", "be from 2 to 5",
                    Integer.toString(version), start + cursor - Short.BYTES);
        }
        int type = version >= NEWEST ? u8() : 0;
        int address = version >= NEWEST ? u8() : 0;
        this.abbreviations = sections.abbreviations(offset());
        this.addressBytes = version >= NEWEST ? address : u8();
        if (addressBytes != Integer.BYTES && addressBytes != Long.BYTES) {
            throw corrupt("address_size", "be 4 or 8", Integer.toString(addressBytes), cursor - 1);
        }
        if (type == Dwarf.UNIT_SKELETON || type == Dwarf.UNIT_SPLIT_COMPILE) {
            skip(Long.BYTES);
        } else if (type == Dwarf.UNIT_TYPE || type == Dwarf.UNIT_SPLIT_TYPE) {
            skip(Long.BYTES + offsetBytes);
        }
        this.first = cursor;
        this.stringOffsetsBase = offsetBytes == Long.BYTES ? 2 * USUAL_STRING_OFFSETS : USUAL_STRING_OFFSETS;
        readRoot();
    }

    /// Bytes of the unit at an offset of .debug_info, header included.
    static long length(SectionData info, long start) throws IOException {
        int length = info.u32(start);
        if (length != WIDE && Integer.compareUnsigned(length, FIRST_RESERVED) >= 0) {
            throw info.corrupt("unit_length", "not be a reserved number", "0x" + Integer.toHexString(length), start);
        }
        long bytes = length == WIDE ? info.u64(start + 4) : length & 0xffff_ffffL;
        int head = length == WIDE ? 12 : 4;
        if (bytes < 0 || bytes > info.bytes() - start - head) {
            throw info.corrupt("unit_length", "leave the unit inside a section of " + info.bytes() + " bytes",
                    "0x" + Long.toHexString(bytes), start);
        }
        return head + bytes;
    }

    /// Reads the unit at an offset of .debug_info.
    static DwarfUnit read(DwarfSections sections, long start) throws IOException {
        SectionData info = sections.info();
        long length = length(info, start);
        if (length > MOST_BYTES) {
            throw UnsupportedDumpException.of(info.file(), ".debug_info", "unit_length",
                    "be at most 0x" + Long.toHexString(MOST_BYTES), "0x" + Long.toHexString(length), start);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length).order(info.byteOrder());
        info.read(start, bytes);
        return new DwarfUnit(sections, start, bytes.flip(), info.u32(start) == WIDE ? Long.BYTES : Integer.BYTES);
    }

    /// Where it starts in .debug_info.
    long start() {
        return start;
    }

    /// True if that offset in .debug_info lies in this unit.
    boolean holds(long offset) {
        return offset >= start && offset < start + bytes.limit();
    }

    /// Bytes it has.
    int limit() {
        return bytes.limit();
    }

    /// Where its first entry is, which all others are children of.
    int first() {
        return first;
    }

    private void readRoot() throws IOException {
        if (first < bytes.limit()) {
            var root = new DwarfEntry();
            read(first, root);
            if (root.stringOffsetsBase != DwarfEntry.ABSENT) {
                stringOffsetsBase = root.stringOffsetsBase;
            }
        }
    }

    /// Reads the entry at the offset.
    ///
    /// @return where what follows it begins: its first child if it has children, else its next sibling
    int read(int at, DwarfEntry entry) throws IOException {
        entry.clear();
        entryAt = at;
        cursor = at;
        long code = unsigned();
        if (code == 0) {
            return cursor;
        }
        entry.tag = abbreviations.tag(code);
        if (entry.tag == Abbreviations.UNKNOWN) {
            throw corrupt("abbreviation code", "be in the table at .debug_abbrev+0x"
                    + Long.toHexString(abbreviations.offset()), Long.toUnsignedString(code), at);
        }
        int row = (int) code;
        entry.children = abbreviations.hasChildren(row);
        int end = abbreviations.end(row);
        for (int i = abbreviations.first(row); i < end; i++) {
            int form = abbreviations.form(i);
            long constant = abbreviations.constant(i);
            if (form == Dwarf.FORM_INDIRECT) {
                form = (int) unsigned();
                constant = form == Dwarf.FORM_IMPLICIT_CONST ? signed() : 0;
            }
            take(abbreviations.attribute(i), form, constant, entry);
        }
        return cursor;
    }

    /// Where the next sibling begins of an entry that was read.
    ///
    /// @param next what [#read] answered
    /// @param entry is lost
    int after(int at, int next, DwarfEntry entry) throws IOException {
        if (!entry.children) {
            return next;
        }
        if (entry.sibling != DwarfEntry.ABSENT) {
            if (entry.sibling < next || entry.sibling > bytes.limit()) {
                throw corrupt("DW_AT_sibling", "lie behind its entry and inside the unit",
                        "0x" + Long.toHexString(start + entry.sibling), at);
            }
            return (int) entry.sibling;
        }
        int from = next;
        int depth = 1;
        while (depth > 0 && from < bytes.limit()) {
            from = read(from, entry);
            if (entry.tag == 0) {
                depth--;
            } else if (entry.children && entry.sibling > from && entry.sibling <= bytes.limit()) {
                from = (int) entry.sibling;
            } else if (entry.children) {
                depth++;
            }
        }
        return from;
    }

    private void take(int attribute, int form, long constant, DwarfEntry entry) throws IOException {
        switch (attribute) {
            case Dwarf.AT_NAME -> entry.name = name(form);
            case Dwarf.AT_SIBLING -> {
                long target = reference(form);
                entry.sibling = target == DwarfEntry.ABSENT ? target : target - start;
            }
            case Dwarf.AT_TYPE -> entry.type = reference(form);
            case Dwarf.AT_BYTE_SIZE -> entry.bytes = number(form, constant);
            case Dwarf.AT_CONST_VALUE -> entry.value = number(form, constant);
            case Dwarf.AT_UPPER_BOUND -> entry.upperBound = number(form, constant);
            case Dwarf.AT_COUNT -> entry.count = number(form, constant);
            case Dwarf.AT_DATA_MEMBER_LOCATION -> entry.location = location(form, constant);
            case Dwarf.AT_DATA_BIT_OFFSET -> {
                long bits = number(form, constant);
                entry.location = bits == DwarfEntry.ABSENT ? bits : bits / Byte.SIZE;
            }
            case Dwarf.AT_DECLARATION -> {
                entry.declaration = true;
                skipForm(form);
            }
            case Dwarf.AT_STR_OFFSETS_BASE -> entry.stringOffsetsBase = form == Dwarf.FORM_SEC_OFFSET
                    ? offset()
                    : number(form, constant);
            default -> skipForm(form);
        }
    }

    private int name(int form) throws IOException {
        return switch (form) {
            case Dwarf.FORM_STRING -> inlineName();
            case Dwarf.FORM_STRP -> sections.nameAt(offset());
            case Dwarf.FORM_STRX, Dwarf.FORM_GNU_STR_INDEX -> byIndex(unsigned());
            case Dwarf.FORM_STRX1 -> byIndex(u8());
            case Dwarf.FORM_STRX2 -> byIndex(u16());
            case Dwarf.FORM_STRX3 -> byIndex(u24());
            case Dwarf.FORM_STRX4 -> byIndex(u32() & 0xffff_ffffL);
            default -> {
                skipForm(form);
                yield WantedNames.NONE;
            }
        };
    }

    private int byIndex(long index) throws IOException {
        return sections.nameByIndex(stringOffsetsBase, index, offsetBytes);
    }

    private int inlineName() throws CorruptDumpException {
        int at = cursor;
        skipForm(Dwarf.FORM_STRING);
        return sections.wanted().find(bytes, at, cursor - 1 - at);
    }

    /// Offset in .debug_info of what is referred to; [DwarfEntry#ABSENT] if it lies in another file.
    private long reference(int form) throws CorruptDumpException {
        return switch (form) {
            case Dwarf.FORM_REF1 -> start + u8();
            case Dwarf.FORM_REF2 -> start + u16();
            case Dwarf.FORM_REF4 -> start + (u32() & 0xffff_ffffL);
            case Dwarf.FORM_REF8 -> start + u64();
            case Dwarf.FORM_REF_UDATA -> start + unsigned();
            case Dwarf.FORM_REF_ADDR -> version == OLDEST ? address() : offset();
            default -> {
                skipForm(form);
                yield DwarfEntry.ABSENT;
            }
        };
    }

    /// A constant; [DwarfEntry#ABSENT] if it is told in any other way, as bounds may be that are known at run time only.
    private long number(int form, long constant) throws CorruptDumpException {
        return switch (form) {
            case Dwarf.FORM_DATA1 -> u8();
            case Dwarf.FORM_DATA2 -> u16();
            case Dwarf.FORM_DATA4 -> u32() & 0xffff_ffffL;
            case Dwarf.FORM_DATA8 -> u64();
            case Dwarf.FORM_UDATA -> unsigned();
            case Dwarf.FORM_SDATA -> signed();
            case Dwarf.FORM_IMPLICIT_CONST -> constant;
            default -> {
                skipForm(form);
                yield DwarfEntry.ABSENT;
            }
        };
    }

    /// Up to DWARF 3 a member's offset is an expression that adds it.
    private long location(int form, long constant) throws CorruptDumpException {
        long length = switch (form) {
            case Dwarf.FORM_BLOCK1 -> u8();
            case Dwarf.FORM_BLOCK, Dwarf.FORM_EXPRLOC -> unsigned();
            default -> -1;
        };
        if (length < 0) {
            return number(form, constant);
        }
        int from = cursor;
        long value = length > 1 && u8() == Dwarf.OP_PLUS_UCONST ? unsigned() : DwarfEntry.ABSENT;
        cursor = from;
        skip(length);
        return value;
    }

    private void skipForm(int form) throws CorruptDumpException {
        switch (form) {
            case Dwarf.FORM_FLAG_PRESENT, Dwarf.FORM_IMPLICIT_CONST -> {
                // Nothing is stored.
            }
            case Dwarf.FORM_DATA1, Dwarf.FORM_FLAG, Dwarf.FORM_REF1, Dwarf.FORM_STRX1, Dwarf.FORM_ADDRX1 -> skip(1);
            case Dwarf.FORM_DATA2, Dwarf.FORM_REF2, Dwarf.FORM_STRX2, Dwarf.FORM_ADDRX2 -> skip(2);
            case Dwarf.FORM_STRX3, Dwarf.FORM_ADDRX3 -> skip(3);
            case Dwarf.FORM_DATA4, Dwarf.FORM_REF4, Dwarf.FORM_STRX4, Dwarf.FORM_ADDRX4, Dwarf.FORM_REF_SUP4 -> skip(4);
            case Dwarf.FORM_DATA8, Dwarf.FORM_REF8, Dwarf.FORM_REF_SIG8, Dwarf.FORM_REF_SUP8 -> skip(8);
            case Dwarf.FORM_DATA16 -> skip(16);
            case Dwarf.FORM_ADDR -> skip(addressBytes);
            case Dwarf.FORM_STRP, Dwarf.FORM_SEC_OFFSET, Dwarf.FORM_LINE_STRP, Dwarf.FORM_STRP_SUP,
                    Dwarf.FORM_GNU_REF_ALT, Dwarf.FORM_GNU_STRP_ALT ->
                skip(offsetBytes);
            case Dwarf.FORM_REF_ADDR -> skip(version == OLDEST ? addressBytes : offsetBytes);
            case Dwarf.FORM_SDATA, Dwarf.FORM_UDATA, Dwarf.FORM_REF_UDATA, Dwarf.FORM_STRX, Dwarf.FORM_ADDRX,
                    Dwarf.FORM_LOCLISTX, Dwarf.FORM_RNGLISTX, Dwarf.FORM_GNU_ADDR_INDEX, Dwarf.FORM_GNU_STR_INDEX ->
                unsigned();
            case Dwarf.FORM_BLOCK1 -> skip(u8());
            case Dwarf.FORM_BLOCK2 -> skip(u16());
            case Dwarf.FORM_BLOCK4 -> skip(u32() & 0xffff_ffffL);
            case Dwarf.FORM_BLOCK, Dwarf.FORM_EXPRLOC -> skip(unsigned());
            case Dwarf.FORM_STRING -> skipString();
            default -> throw corrupt("form", "be one of DWARF 2 to 5", "0x" + Integer.toHexString(form), entryAt);
        }
    }

    private void skipString() throws CorruptDumpException {
        int end = cursor;
        while (end < bytes.limit() && bytes.get(end) != 0) {
            end++;
        }
        skip(end + 1L - cursor);
    }

    private void skip(long count) throws CorruptDumpException {
        if (count < 0 || count > bytes.limit() - cursor) {
            throw corrupt("entry", "end inside its unit, which ends at 0x"
                    + Long.toHexString(start + bytes.limit()), "longer", entryAt);
        }
        cursor += (int) count;
    }

    /// Takes so many bytes, and answers where they begin.
    private int taken(int count) throws CorruptDumpException {
        skip(count);
        return cursor - count;
    }

    @Override
    public int u8() throws CorruptDumpException {
        return bytes.get(taken(1)) & 0xff;
    }

    private int u16() throws CorruptDumpException {
        return bytes.getShort(taken(Short.BYTES)) & 0xffff;
    }

    private int u24() throws CorruptDumpException {
        int at = taken(3);
        int low = bytes.getShort(at) & 0xffff;
        return bytes.order() == ByteOrder.LITTLE_ENDIAN
                ? low | (bytes.get(at + 2) & 0xff) << 16
                : low << 8 | (bytes.get(at + 2) & 0xff);
    }

    private int u32() throws CorruptDumpException {
        return bytes.getInt(taken(Integer.BYTES));
    }

    private long u64() throws CorruptDumpException {
        return bytes.getLong(taken(Long.BYTES));
    }

    private long offset() throws CorruptDumpException {
        return offsetBytes == Long.BYTES ? u64() : u32() & 0xffff_ffffL;
    }

    private long address() throws CorruptDumpException {
        return addressBytes == Long.BYTES ? u64() : u32() & 0xffff_ffffL;
    }

    /// @param at offset in the unit
    CorruptDumpException corrupt(String field, String rule, String found, int at) {
        return CorruptDumpException.of(file, ".debug_info", field, rule, found, start + at);
    }
}
