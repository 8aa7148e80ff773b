// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;
import java.util.Arrays;

/// One table of .debug_abbrev: what the entries of a unit consist of, by their code (DWARF 5, section 7.5.3). Immutable.
final class Abbreviations {
    /// Tag of a code that the table does not have.
    static final int UNKNOWN = 0;

    private static final int MOST_CODES = 1 << 16;
    private static final int MOST_ATTRIBUTES = 1 << 20;

    private final long offset;
    private int[] tags = new int[128];
    private boolean[] children = new boolean[128];
    /// By code: the first of its attributes, and the first that is not its own any more.
    private int[] firsts = new int[128];
    private int[] ends = new int[128];
    private int[] attributes = new int[512];
    private int[] forms = new int[512];
    private long[] constants = new long[512];
    private int count;

    private Abbreviations(long offset) {
        this.offset = offset;
    }

    /// Reads the table at an offset of .debug_abbrev.
    static Abbreviations read(SectionData section, long offset) throws IOException {
        var table = new Abbreviations(offset);
        var numbers = new Numbers(section, offset);
        for (long code = numbers.unsigned(); code != 0; code = numbers.unsigned()) {
            table.read(code, section, numbers);
        }
        return table;
    }

    private void read(long code, SectionData section, Numbers numbers) throws IOException {
        if (code < 0 || code >= MOST_CODES) {
            throw section.corrupt("abbreviation code", "be from 1 to " + (MOST_CODES - 1), Long.toUnsignedString(code),
                    numbers.at);
        }
        int index = (int) code;
        if (index >= tags.length) {
            int room = Integer.highestOneBit(index) * 2;
            tags = Arrays.copyOf(tags, room);
            children = Arrays.copyOf(children, room);
            firsts = Arrays.copyOf(firsts, room);
            ends = Arrays.copyOf(ends, room);
        }
        tags[index] = (int) numbers.unsigned();
        if (tags[index] == UNKNOWN) {
            throw section.corrupt("tag of abbreviation " + code, "not be 0", "0", numbers.at);
        }
        children[index] = numbers.u8() != 0;
        firsts[index] = count;
        while (readAttribute(section, numbers)) {
            count++;
        }
        ends[index] = count;
    }

    /// @return false at the end of the list
    private boolean readAttribute(SectionData section, Numbers numbers) throws IOException {
        int attribute = (int) numbers.unsigned();
        int form = (int) numbers.unsigned();
        if (attribute == 0 && form == 0) {
            return false;
        }
        if (count == MOST_ATTRIBUTES) {
            throw section.corrupt("abbreviation table", "have at most " + MOST_ATTRIBUTES + " attributes", "longer",
                    numbers.at);
        }
        if (count == attributes.length) {
            attributes = Arrays.copyOf(attributes, 2 * count);
            forms = Arrays.copyOf(forms, 2 * count);
            constants = Arrays.copyOf(constants, 2 * count);
        }
        attributes[count] = attribute;
        forms[count] = form;
        constants[count] = form == Dwarf.FORM_IMPLICIT_CONST ? numbers.signed() : 0;
        return true;
    }

    /// Where the table starts in .debug_abbrev.
    long offset() {
        return offset;
    }

    /// [#UNKNOWN] for a code that is not there.
    int tag(long code) {
        return code > 0 && code < tags.length ? tags[(int) code] : UNKNOWN;
    }

    boolean hasChildren(int code) {
        return children[code];
    }

    int first(int code) {
        return firsts[code];
    }

    int end(int code) {
        return ends[code];
    }

    int attribute(int index) {
        return attributes[index];
    }

    int form(int index) {
        return forms[index];
    }

    /// Value of an attribute whose form is an implicit constant.
    long constant(int index) {
        return constants[index];
    }

    /// LEB128 numbers one after the other.
    private static final class Numbers implements Leb128<IOException> {
        private final SectionData section;
        private long at;

        Numbers(SectionData section, long at) {
            this.section = section;
            this.at = at;
        }

        @Override
        public int u8() throws IOException {
            return section.u8(at++);
        }
    }
}
