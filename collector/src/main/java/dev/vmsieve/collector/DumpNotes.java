// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.vmcore.Vmcore;

/// The notes of a dump file: the vmcore's, and one with VMCOREINFO where that came from elsewhere.
final class DumpNotes {
    private static final int NOTE_HEADER_BYTES = 12;

    private DumpNotes() {}

    static ByteBuffer of(Vmcore vmcore, DumpIdentity identity) {
        ByteBuffer notes = vmcore.notes();
        boolean told = ElfNotes.parse(notes).last(ElfNote.VMCOREINFO).isPresent();
        return told || identity.vmcoreinfo().length == 0 ? notes : withVmcoreinfo(notes, identity.vmcoreinfo());
    }

    private static ByteBuffer withVmcoreinfo(ByteBuffer notes, byte[] text) {
        int start = ElfNotes.parse(notes).end();
        int nameBytes = ElfNote.VMCOREINFO.length() + 1;
        int descriptor = start + NOTE_HEADER_BYTES + padded(nameBytes);
        ByteBuffer all = ByteBuffer.allocate(descriptor + padded(text.length)).order(notes.order());
        all.put(0, notes, 0, start);
        all.putInt(start, nameBytes);
        all.putInt(start + Integer.BYTES, text.length);
        all.put(start + NOTE_HEADER_BYTES, ElfNote.VMCOREINFO.getBytes(StandardCharsets.US_ASCII));
        all.put(descriptor, text);
        return all;
    }

    private static int padded(int bytes) {
        return (bytes + 3) & ~3;
    }
}
