// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.io.FileDumpFile;

/// Dumps that tell what was erased from them.
class KdumpErasedTextTest extends KdumpDumps {
    private static String erased(Vmcore vmcore) {
        return new String(ElfNotes.parse(vmcore.notes()).text(ElfNote.ERASEINFO, vmcore.notes()).orElseThrow(),
                StandardCharsets.US_ASCII);
    }

    @Test
    void tellsWhatWasErasedInItsNotes() throws IOException {
        try (Vmcore vmcore = open(dump(100).eraseinfo("erase key size 32\n").build())) {
            assertThat(erased(vmcore)).isEqualTo("erase key size 32\n");
            assertThat(new String(vmcore.vmcoreinfo().orElseThrow(), StandardCharsets.US_ASCII))
                    .startsWith("OSRELEASE=6.1.0");
        }
        List<Path> parts = new ArrayList<>();
        parts.add(file("a", dump(200).eraseinfo("erase a size 1\n").part(0, 64)));
        parts.add(file("b", dump(200).eraseinfo("erase a size 1\n").part(64, 128)));
        parts.add(file("c", dump(200).eraseinfo("erase b size 1\n").part(128, 200)));
        try (Vmcore vmcore = openSplit(parts)) {
            assertThat(erased(vmcore)).isEqualTo("erase a size 1\nerase b size 1\n");
        }
        assertThat(warnings.list).isEmpty();
    }

    @Test
    void warnsOfADamagedNoteThoughThereIsErasedText() throws IOException {
        byte[] bytes = dump(100).eraseinfo("erase key size 32\n").build();
        int name = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("VMCOREINFO\0");
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(name - 8, 1 << 30);
        try (Vmcore vmcore = open(bytes)) {
            assertThat(erased(vmcore)).isEqualTo("erase key size 32\n");
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("notes: note 0: descsz must fit into the ")
                .endsWith("it and what follows is not used");
    }

    /// It comes last in the file.
    @Test
    void doesNotRefuseADumpThatLacksTheTextOfWhatWasErased() throws IOException {
        byte[] whole = dump(100).eraseinfo("erase key size 32\n").build();
        try (Vmcore vmcore = open(Arrays.copyOf(whole, whole.length - 5))) {
            assertThat(erased(vmcore)).isEqualTo("erase key siz");
            holdsEveryPage(vmcore, 100);
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("size_eraseinfo is 18 but the file has 13");
        ByteBuffer bytes = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        for (long[] wrong : new long[][]{{-1, 18}, {1L << 60, 18}, {4096, -1}}) {
            warnings.list.clear();
            bytes.putLong(PAGE + 64, wrong[0]).putLong(PAGE + 72, wrong[1]);
            try (Vmcore vmcore = open(bytes.array())) {
                assertThat(ElfNotes.parse(vmcore.notes()).last(ElfNote.ERASEINFO)).isEmpty();
            }
            assertThat(warnings.list).hasSize(1).first().asString()
                    .contains("what was erased from the dump is not fully known");
        }
    }

    @Test
    void opensADumpWhoseErasedTextCannotBeRead() throws IOException {
        Path path = dump(200).eraseinfo("erase a.b\n").write(directory.resolve("dump"));
        long end = Files.size(path);
        var file = new FaultyDumpFile(FileDumpFile.open(path), end - 2, end);
        try (Vmcore vmcore = VmcoreOpener.open(file, warnings)) {
            holdsEveryPage(vmcore, 200);
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("eraseinfo: cannot be read: ")
                .endsWith("what was erased from the dump is not fully known");
    }
}
