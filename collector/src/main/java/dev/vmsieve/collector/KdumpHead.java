// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.format.kdump.DiskDumpHeader;
import dev.vmsieve.filter.format.kdump.FileRegion;
import dev.vmsieve.filter.format.kdump.KdumpFormat;
import dev.vmsieve.filter.format.kdump.KdumpHeaders;
import dev.vmsieve.filter.format.kdump.KdumpLayout;
import dev.vmsieve.filter.format.kdump.KdumpSubHeader;
import dev.vmsieve.filter.format.kdump.StorageFlag;
import dev.vmsieve.filter.vmcore.StoredPages;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Headers and notes of a kdump file for a vmcore.
///
/// Readers take VMCOREINFO from the notes, some by the sub header's pointer, some by walking them. So the pointer leads
/// into the notes, and a note is added for a text that came from elsewhere.
///
/// @param headers both headers
/// @param notes contents of the notes
record KdumpHead(KdumpHeaders headers, ByteBuffer notes) {
    private static final int NOTE_HEADER_BYTES = 12;

    static KdumpHead of(Vmcore vmcore, DumpIdentity identity, int dumpLevel, Compression compression) {
        ByteBuffer notes = vmcore.notes();
        Optional<ElfNote> note = ElfNotes.parse(notes).last(ElfNote.VMCOREINFO);
        if (note.isEmpty() && identity.vmcoreinfo().length > 0) {
            notes = withVmcoreinfo(notes, identity.vmcoreinfo());
            note = ElfNotes.parse(notes).last(ElfNote.VMCOREINFO);
        }
        KdumpLayout layout = KdumpLayout.of(vmcore.pageBytes(), vmcore.maxMapnr(), notes.limit());
        DiskDumpHeader main = new DiskDumpHeader(KdumpFormat.HEADER_VERSION, identity.utsname(),
                identity.crashTimeSeconds(), status(vmcore, compression), vmcore.pageBytes(), layout.subHeaderBlocks(),
                layout.bitmapBlocks(), Math.min(vmcore.maxMapnr(), DiskDumpHeader.MAX_MAPNR_32), identity.cpus());
        FileRegion text = note.isEmpty()
                ? FileRegion.NONE
                : new FileRegion(layout.notesOffset() + note.get().descOffset(), note.get().descBytes());
        FileRegion all = notes.hasRemaining()
                ? new FileRegion(layout.notesOffset(), notes.limit())
                : FileRegion.NONE;
        KdumpSubHeader sub = new KdumpSubHeader(identity.physBase(), dumpLevel, 0, 0, 0, text, all, FileRegion.NONE,
                vmcore.maxMapnr());
        return new KdumpHead(new KdumpHeaders(vmcore.byteOrder(), main, sub), notes);
    }

    /// The same for a part of a split dump: only the sub header's range differs from part to part.
    KdumpHead ofPart(PfnRange range) {
        KdumpSubHeader sub = headers.sub().ofPart(range);
        return new KdumpHead(new KdumpHeaders(headers.order(), headers.main(), sub), notes);
    }

    /// The methods that pages may be stored by, and what stays true of a dump that is filtered again.
    private static int status(Vmcore vmcore, Compression compression) {
        int methods = compression == Compression.NONE
                ? vmcore.stored().map(StoredPages::methodFlags).orElse(0)
                : compression.flag();
        return methods | (vmcore.structPagesExcluded() ? StorageFlag.EXCLUDED_VMEMMAP.bit() : 0);
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
