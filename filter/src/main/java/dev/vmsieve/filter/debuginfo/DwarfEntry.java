// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

/// One debugging information entry, as far as types need it. Filled anew for each entry that is read.
final class DwarfEntry {
    /// A number that is not given.
    static final long ABSENT = Long.MIN_VALUE;
    /// The entry has no name.
    static final int NAMELESS = -2;

    /// 0 for the end of a list of children.
    int tag;
    boolean children;
    boolean declaration;
    /// A number of [WantedNames], or that there is none, or [#NAMELESS].
    int name;
    /// Offset in its unit; [#ABSENT] if not given.
    long sibling;
    /// Offset in .debug_info.
    long type;
    long bytes;
    /// Of a member in its struct, in bytes.
    long location;
    long value;
    long upperBound;
    long count;
    long stringOffsetsBase;

    void clear() {
        tag = 0;
        children = false;
        declaration = false;
        name = NAMELESS;
        sibling = ABSENT;
        type = ABSENT;
        bytes = ABSENT;
        location = ABSENT;
        value = ABSENT;
        upperBound = ABSENT;
        count = ABSENT;
        stringOffsetsBase = ABSENT;
    }

    boolean isStruct() {
        return tag == Dwarf.TAG_STRUCTURE || tag == Dwarf.TAG_UNION || tag == Dwarf.TAG_CLASS;
    }

    /// A typedef or a qualifier: another name of its type.
    boolean isAlias() {
        return switch (tag) {
            case Dwarf.TAG_TYPEDEF, Dwarf.TAG_CONST, Dwarf.TAG_VOLATILE, Dwarf.TAG_RESTRICT, Dwarf.TAG_ATOMIC -> true;
            default -> false;
        };
    }
}
