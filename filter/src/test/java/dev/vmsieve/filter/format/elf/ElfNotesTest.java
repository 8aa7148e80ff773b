// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.junit.jupiter.api.Test;

import dev.vmsieve.fixtures.ElfCoreBuilder;

class ElfNotesTest {
    private static ByteBuffer area(byte[]... notes) {
        var all = new ByteArrayOutputStream();
        for (byte[] note : notes) {
            all.writeBytes(note);
        }
        return ByteBuffer.wrap(all.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] note(String name, int type, int descBytes) {
        return ElfCoreBuilder.noteOf(ByteOrder.LITTLE_ENDIAN, name, type, new byte[descBytes]);
    }

    private static byte[] header(int namesz, int descsz, int type) {
        return ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putInt(namesz).putInt(descsz).putInt(type)
                .array();
    }

    @Test
    void readsNotesOfAnyPadding() {
        ElfNotes notes = ElfNotes.parse(area(note("CORE", 1, 336), note("A", 7, 5), note("VMCOREINFO", 0, 3)));
        assertThat(notes.list()).containsExactly(new ElfNote("CORE", 1, 20, 336), new ElfNote("A", 7, 372, 5),
                new ElfNote("VMCOREINFO", 0, 404, 3));
        assertThat(notes.damage()).isEmpty();
        assertThat(notes.end()).isEqualTo(408);
    }

    @Test
    void readsBigEndian() {
        byte[] note = ElfCoreBuilder.noteOf(ByteOrder.BIG_ENDIAN, "CORE", 1, new byte[8]);
        assertThat(ElfNotes.parse(ByteBuffer.wrap(note)).list()).containsExactly(new ElfNote("CORE", 1, 20, 8));
    }

    @Test
    void acceptsALastNoteWithoutPadding() {
        ByteBuffer area = area(note("VMCOREINFO", 0, 3)).limit(27);
        assertThat(ElfNotes.parse(area).list()).containsExactly(new ElfNote("VMCOREINFO", 0, 24, 3));
    }

    @Test
    void endsAtAnEmptyNoteButNotAtANamelessOne() {
        byte[] nameless = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(0).putInt(4).putInt(9).array();
        ElfNotes notes = ElfNotes.parse(area(nameless, note("CORE", 1, 4), header(0, 0, 5), note("CORE", 1, 4)));
        assertThat(notes.list()).containsExactly(new ElfNote("", 9, 12, 4), new ElfNote("CORE", 1, 36, 4));
        assertThat(notes.end()).isEqualTo(40);
    }

    @Test
    void keepsWhatComesBeforeADamagedNote() {
        ElfNotes descsz = ElfNotes.parse(area(note("CORE", 1, 4), header(5, -1, 1), new byte[20]));
        assertThat(descsz.list()).hasSize(1);
        assertThat(descsz.damage())
                .contains("note 1: descsz must fit into the 32 bytes that are left but was 4294967295");
        ElfNotes namesz = ElfNotes.parse(area(header(0x7fff_fffe, 4, 1), new byte[20]));
        assertThat(namesz.list()).isEmpty();
        assertThat(namesz.damage())
                .contains("note 0: namesz must fit into the 32 bytes that are left but was 2147483646");
    }

    @Test
    void countsAndFindsTheLast() {
        ElfNotes notes = ElfNotes.parse(
                area(note("CORE", 1, 4), note("VMCOREINFO", 0, 4), note("CORE", 3, 4), note("CORE", 1, 4),
                        note("VMCOREINFO", 0, 8)));
        assertThat(notes.count(ElfNote.CORE, ElfNote.NT_PRSTATUS)).isEqualTo(2);
        assertThat(notes.last(ElfNote.VMCOREINFO))
                .hasValueSatisfying(note -> assertThat(note.descBytes()).isEqualTo(8));
        assertThat(notes.last("none")).isEmpty();
    }

    @Test
    void survivesEveryPrefix() {
        ByteBuffer area = area(note("CORE", 1, 336), note("VMCOREINFO", 0, 3));
        for (int limit = 0; limit <= area.capacity(); limit++) {
            ElfNotes notes = ElfNotes.parse(area.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(limit));
            assertThat(notes.end()).as("limit %d", limit).isLessThanOrEqualTo(limit);
            for (ElfNote note : notes.list()) {
                assertThat(note.descOffset() + note.descBytes()).as("limit %d", limit).isLessThanOrEqualTo(limit);
            }
        }
    }
}
