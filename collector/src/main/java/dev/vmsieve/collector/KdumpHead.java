// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.nio.ByteBuffer;
import java.util.Optional;

import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.format.elf.ElfMachine;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.format.kdump.DiskDumpHeader;
import dev.vmsieve.filter.format.kdump.FileRegion;
import dev.vmsieve.filter.format.kdump.KdumpFormat;
import dev.vmsieve.filter.format.kdump.KdumpHeaders;
import dev.vmsieve.filter.format.kdump.KdumpLayout;
import dev.vmsieve.filter.format.kdump.KdumpSubHeader;
import dev.vmsieve.filter.format.kdump.StorageFlag;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.vmcore.StoredPages;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Headers and notes of a kdump file for a vmcore.
///
/// Readers take VMCOREINFO from the notes, some by the sub header's pointer, some by walking them. So the pointer leads
/// into the notes. So does that to what was erased from the dump that is filtered again.
///
/// @param headers both headers
/// @param notes contents of the notes
record KdumpHead(KdumpHeaders headers, ByteBuffer notes) {
    /// @throws UnsupportedDumpException if the machine's words have 32 bits: its sub header would be another one
    static KdumpHead of(Vmcore vmcore, DumpIdentity identity, int dumpLevel, Compression compression)
            throws UnsupportedDumpException {
        Optional<ElfMachine> machine = ElfMachine.of(vmcore.machine());
        if (machine.isPresent() && machine.get().wordBytes() != Long.BYTES) {
            throw new UnsupportedDumpException("[" + vmcore.name() + "] kdump files of " + machine.get().label()
                    + " machines, whose words have " + machine.get().wordBytes() * Byte.SIZE
                    + " bits, are not supported; an ELF file (-E) can be made");
        }
        ByteBuffer notes = DumpNotes.of(vmcore, identity);
        KdumpLayout layout = KdumpLayout.of(vmcore.pageBytes(), vmcore.maxMapnr(), notes.limit());
        DiskDumpHeader main = new DiskDumpHeader(KdumpFormat.HEADER_VERSION, identity.utsname(),
                identity.crashTimeSeconds(), status(vmcore, compression), vmcore.pageBytes(), layout.subHeaderBlocks(),
                layout.bitmapBlocks(), Math.min(vmcore.maxMapnr(), DiskDumpHeader.MAX_MAPNR_32), identity.cpus());
        ElfNotes list = ElfNotes.parse(notes);
        FileRegion all = notes.hasRemaining()
                ? new FileRegion(layout.notesOffset(), notes.limit())
                : FileRegion.NONE;
        KdumpSubHeader sub = new KdumpSubHeader(identity.physBase(), dumpLevel, 0, 0, 0,
                region(list.last(ElfNote.VMCOREINFO), layout), all, region(list.last(ElfNote.ERASEINFO), layout),
                vmcore.maxMapnr());
        return new KdumpHead(new KdumpHeaders(vmcore.byteOrder(), main, sub), notes);
    }

    private static FileRegion region(Optional<ElfNote> note, KdumpLayout layout) {
        return note.isEmpty()
                ? FileRegion.NONE
                : new FileRegion(layout.notesOffset() + note.get().descOffset(), note.get().descBytes());
    }

    /// The same for a part of a split dump: only the sub header differs from part to part, by its range, and by what was
    /// erased, which those who join the parts take from each of them.
    KdumpHead ofPart(PfnRange range) {
        KdumpSubHeader sub = headers.sub().ofPart(range);
        return new KdumpHead(new KdumpHeaders(headers.order(), headers.main(), sub), notes);
    }

    /// The methods that pages may be stored by, and what stays true of a dump that is filtered again: the pages that it
    /// lacks the new one lacks too.
    private static int status(Vmcore vmcore, Compression compression) {
        int methods = compression == Compression.NONE
                ? vmcore.stored().map(StoredPages::methodFlags).orElse(0)
                : compression.flag();
        return methods | (vmcore.structPagesExcluded() ? StorageFlag.EXCLUDED_VMEMMAP.bit() : 0)
                | (vmcore.incomplete() ? StorageFlag.INCOMPLETE.bit() : 0);
    }
}
