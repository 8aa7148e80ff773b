// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.nio.ByteBuffer;

import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.vmcore.Vmcore;

/// The notes of a dump file: the vmcore's, and one with VMCOREINFO where that came from elsewhere.
final class DumpNotes {
    private DumpNotes() {}

    static ByteBuffer of(Vmcore vmcore, DumpIdentity identity) {
        ByteBuffer notes = vmcore.notes();
        boolean told = ElfNotes.parse(notes).last(ElfNote.VMCOREINFO).isPresent();
        return told || identity.vmcoreinfo().length == 0
                ? notes
                : ElfNotes.with(notes, ElfNote.VMCOREINFO, identity.vmcoreinfo());
    }
}
