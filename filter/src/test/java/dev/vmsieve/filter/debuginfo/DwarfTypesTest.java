// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.BytesDumpFile;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;

/// DWARF written by hand, entry by entry: what compilers do not write.
class DwarfTypesTest {
    private static final DwarfTypes.Query QUERY = new DwarfTypes.Query(Map.of("page", Set.of("flags", "list")),
            Set.of());
    private static final int UNIT_HEADER = 12;
    private static final int UNIT = 1;
    private static final int STRUCT = 2;
    private static final int MEMBER = 3;
    private static final int ANONYMOUS = 4;
    private static final int TYPEDEF = 5;
    private static final int WITH_SIBLING = 6;
    private static final int ELSEWHERE = 7;
    private static final int BAD_FORM = 8;
    private static final int ARRAY = 9;
    private static final int BOUND = 10;

    /// code, tag, children, attribute and form pairs, 0 0.
    private static final byte[] ABBREVIATIONS = bytes(UNIT, 0x11, 1, 0, 0, STRUCT, 0x13, 1, 0x03, 0x08, 0x0b, 0x0b, 0,
            0,
            MEMBER, 0x0d, 0, 0x03, 0x08, 0x49, 0x13, 0x38, 0x0b, 0, 0, ANONYMOUS, 0x0d, 0, 0x49, 0x13, 0x38, 0x0b, 0, 0,
            TYPEDEF, 0x16, 0, 0x03, 0x08, 0x49, 0x13, 0, 0, WITH_SIBLING, 0x13, 1, 0x01, 0x13, 0, 0, ELSEWHERE, 0x0d, 0,
            0x49, 0x10, 0x38, 0x0b, 0, 0, BAD_FORM, 0x13, 0, 0x03, 0x7f, 0, 0, ARRAY, 0x01, 1, 0, 0, BOUND, 0x21, 0,
            0x37,
            0x0b, 0, 0, 0);

    private final ByteArrayOutputStream info = new ByteArrayOutputStream();
    private final ByteArrayOutputStream entries = new ByteArrayOutputStream();

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /// Where in its unit the next entry is going to be.
    private int here() {
        return UNIT_HEADER + entries.size();
    }

    private DwarfTypesTest entry(Object... parts) {
        for (Object part : parts) {
            switch (part) {
                case Integer number -> entries.write(number);
                case Long offset -> entries.writeBytes(u32(offset.intValue()));
                default -> entries.writeBytes((part + "\0").getBytes(StandardCharsets.US_ASCII));
            }
        }
        return this;
    }

    private static byte[] u32(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    /// Closes the unit.
    private DwarfTypesTest unit(int version) {
        info.writeBytes(u32(UNIT_HEADER - 4 + entries.size()));
        info.writeBytes(bytes(version, 0, 1, 8, 0, 0, 0, 0));
        info.writeBytes(entries.toByteArray());
        entries.reset();
        return this;
    }

    private DwarfTypes read() throws IOException {
        return read(info.toByteArray());
    }

    private static DwarfTypes read(byte[] info) throws IOException {
        byte[] file = TinyElf.of(TinyElf.golden("tiny.dwarf5")).with(".debug_info", info)
                .with(".debug_abbrev", ABBREVIATIONS).bytes();
        ElfSections elf = ElfSections.read(new BytesDumpFile("vmlinux", file));
        try (DwarfSections sections = DwarfSections.open(elf, QUERY.names(), Optional.empty()).orElseThrow()) {
            return DwarfTypes.read(sections, QUERY, Progress.NONE);
        }
    }

    private void assertCorrupt(String message) {
        assertThatThrownBy(this::read).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[vmlinux] .debug_info: " + message);
    }

    @Test
    void findsMembersInAnonymousStructs() throws IOException {
        entry(UNIT);
        long inner = here();
        entry(STRUCT, "", 8).entry(MEMBER, "flags", 12L, 4).entry(0);
        entry(STRUCT, "page", 64).entry(ANONYMOUS, inner, 16).entry(0, 0);
        DwarfTypes types = unit(5).read();
        assertThat(types.size("page")).hasValue(64);
        assertThat(types.offset("page", "flags")).hasValue(20);
        assertThat(types.missing()).isEmpty();
    }

    /// Drivers have structures of the same names.
    @Test
    void takesTheStructThatHasAMemberAskedFor() throws IOException {
        entry(UNIT).entry(STRUCT, "page", 8).entry(MEMBER, "other", 12L, 0).entry(0);
        entry(STRUCT, "page", 64).entry(MEMBER, "flags", 12L, 2).entry(0, 0);
        assertThat(unit(5).read().size("page")).hasValue(64);
    }

    @Test
    void followsReferencesIntoOtherUnits() throws IOException {
        long inOther = 100;
        entry(UNIT).entry(STRUCT, "page", 64).entry(ELSEWHERE, inOther, 8).entry(0, 0).unit(5);
        int start = info.size();
        entry(UNIT);
        while (start + here() < inOther) {
            entry(ARRAY, 0);
        }
        assertThat((long) start + here()).isIn(inOther, inOther + 1);
        // The reference is put right: entries above have two bytes each.
        byte[] first = info.toByteArray();
        int exact = start + here();
        ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).putInt(UNIT_HEADER + 1 + 1 + 5 + 1 + 1, exact);
        info.reset();
        info.writeBytes(first);
        entry(STRUCT, "", 8).entry(MEMBER, "flags", 12L, 4).entry(0, 0);
        assertThat(unit(5).read().offset("page", "flags")).hasValue(12);
    }

    @Test
    void countsTheFirstDimensionOfArrays() throws IOException {
        entry(UNIT);
        long array = here();
        entry(ARRAY, BOUND, 11, BOUND, 5, 0);
        long alias = here();
        entry(TYPEDEF, "areas_t", array);
        entry(STRUCT, "page", 64).entry(MEMBER, "list", alias, 0).entry(MEMBER, "flags", 12L, 0).entry(0, 0);
        assertThat(unit(5).read().length("page", "list")).hasValue(11);
    }

    @Test
    void readsOnWithoutWantedTypes() throws IOException {
        entry(UNIT).entry(0);
        DwarfTypes types = unit(5).read();
        assertThat(types.missing()).containsExactly("page");
        assertThat(types.size("page")).isEmpty();
        assertThat(types.offset("page", "flags")).isEmpty();
        assertThat(types.length("page", "flags")).isEmpty();
        assertThat(types.enumerator("flags")).isEmpty();
    }

    @Test
    void rejectsTypedefsInACircle() {
        entry(UNIT);
        long first = here();
        long second = first + 7;
        entry(TYPEDEF, "a", second).entry(TYPEDEF, "b", first);
        entry(STRUCT, "page", 64).entry(ANONYMOUS, first, 0).entry(0, 0).unit(5);
        assertCorrupt("DW_AT_type must come to a type after 32 typedefs at most but was going on, perhaps in a circle"
                + " (offset 0xd)");
    }

    @Test
    void rejectsStructsThatContainThemselves() {
        entry(UNIT);
        long self = here();
        entry(STRUCT, "page", 64);
        for (int i = 0; i < 200; i++) {
            entry(ANONYMOUS, self, 0);
        }
        entry(0, 0).unit(5);
        assertThatThrownBy(this::read).isInstanceOf(CorruptDumpException.class)
                .hasMessageStartingWith(
                        "[vmlinux] .debug_info: structure must have at most 65536 members but was larger");
    }

    @Test
    void rejectsAnUnknownAbbreviation() {
        entry(UNIT).entry(77).unit(5);
        assertCorrupt("abbreviation code must be in the table at .debug_abbrev+0x0 but was 77 (offset 0xd)");
    }

    @Test
    void rejectsAnUnknownForm() {
        entry(UNIT).entry(BAD_FORM).unit(5);
        assertCorrupt("form must be one of DWARF 2 to 5 but was 0x7f (offset 0xd)");
    }

    @Test
    void rejectsAnEntryThatRunsPastItsUnit() {
        entry(UNIT).entry(STRUCT).unit(5);
        assertCorrupt("entry must end inside its unit, which ends at 0xe but was longer (offset 0xd)");
    }

    @Test
    void rejectsReferencesThatLeadNowhere() {
        entry(UNIT).entry(STRUCT, "page", 64).entry(ANONYMOUS, 0x7fff_ffffL, 0).entry(0, 0).unit(5);
        assertCorrupt(
                "DW_AT_type of the unit at 0x0 must lie in a section of 28 bytes but was 0x7fffffff (offset 0x0)");
        info.reset();
        entry(UNIT).entry(STRUCT, "page", 64).entry(ANONYMOUS, 3L, 0).entry(0, 0).unit(5);
        assertCorrupt("DW_AT_type must refer to an entry but was 0x3 (offset 0x3)");
    }

    @Test
    void rejectsASiblingBehindTheUnitOrBeforeItsEntry() {
        entry(UNIT).entry(WITH_SIBLING, 0x1000L).entry(0, 0).unit(5);
        assertCorrupt("DW_AT_sibling must lie behind its entry and inside the unit but was 0x1000 (offset 0xd)");
        info.reset();
        entry(UNIT).entry(WITH_SIBLING, 12L).entry(0, 0).unit(5);
        assertCorrupt("DW_AT_sibling must lie behind its entry and inside the unit but was 0xc (offset 0xd)");
    }

    @Test
    void rejectsAVersionThatIsNotKnown() {
        entry(UNIT).entry(0).unit(6);
        assertThatThrownBy(this::read).isInstanceOf(UnsupportedDumpException.class)
                .hasMessage("[vmlinux] .debug_info: version must be from 2 to 5 but was 6 (offset 0x4)");
    }

    @Test
    void rejectsUnitLengthsThatAreImpossible() {
        info.writeBytes(u32(0x1000));
        assertCorrupt("unit_length must leave the unit inside a section of 4 bytes but was 0x1000 (offset 0x0)");
        info.reset();
        info.writeBytes(u32(0xffff_fff5));
        assertCorrupt("unit_length must not be a reserved number but was 0xfffffff5 (offset 0x0)");
        info.reset();
        info.writeBytes(u32(0));
        assertCorrupt("entry must end inside its unit, which ends at 0x4 but was longer (offset 0x0)");
    }
}
