// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.format.kdump.DiskDumpHeader;
import dev.vmsieve.filter.format.kdump.FileRegion;
import dev.vmsieve.filter.format.kdump.KdumpFormat;
import dev.vmsieve.filter.format.kdump.KdumpHeaders;
import dev.vmsieve.filter.format.kdump.KdumpLayout;
import dev.vmsieve.filter.format.kdump.KdumpSubHeader;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Headers and notes of a kdump file for a vmcore.
///
/// Readers take VMCOREINFO from the notes, some by the sub header's pointer, some by walking them. So the pointer leads
/// into the notes, and a note is added for a text that came from elsewhere.
///
/// @param headers both headers
/// @param notes contents of the notes
record KdumpHead(KdumpHeaders headers, ByteBuffer notes) {
    private static final String NOTE_NAME = "VMCOREINFO";
    private static final int NOTE_HEADER_BYTES = 12;

    static KdumpHead of(Vmcore vmcore, DumpIdentity identity, int dumpLevel, Compression compression) {
        ByteBuffer notes = vmcore.notes();
        byte[] text = identity.vmcoreinfo();
        long textOffset = text.length == 0 ? -1 : indexOf(notes, text);
        if (text.length > 0 && textOffset < 0) {
            notes = withVmcoreinfo(notes, text);
            textOffset = indexOf(notes, text);
        }
        KdumpLayout layout = KdumpLayout.of(vmcore.pageBytes(), vmcore.maxMapnr(), notes.remaining());
        DiskDumpHeader main = new DiskDumpHeader(KdumpFormat.HEADER_VERSION, identity.utsname(),
                identity.crashTimeSeconds(), compression.flag(), vmcore.pageBytes(), layout.subHeaderBlocks(),
                layout.bitmapBlocks(), Math.min(vmcore.maxMapnr(), DiskDumpHeader.MAX_MAPNR_32), identity.cpus());
        FileRegion vmcoreinfo = textOffset < 0
                ? FileRegion.NONE
                : new FileRegion(layout.notesOffset() + textOffset, text.length);
        FileRegion note = notes.hasRemaining()
                ? new FileRegion(layout.notesOffset(), notes.remaining())
                : FileRegion.NONE;
        KdumpSubHeader sub = new KdumpSubHeader(identity.physBase(), dumpLevel, 0, 0, 0, vmcoreinfo, note,
                FileRegion.NONE, vmcore.maxMapnr());
        return new KdumpHead(new KdumpHeaders(vmcore.byteOrder(), main, sub), notes);
    }

    /// Where the text starts behind the buffer's position; -1 if it is not there.
    private static int indexOf(ByteBuffer bytes, byte[] text) {
        ByteBuffer wanted = ByteBuffer.wrap(text);
        int start = bytes.position();
        for (int at = start; at <= bytes.limit() - text.length; at++) {
            if (bytes.get(at) == text[0] && bytes.slice(at, text.length).equals(wanted)) {
                return at - start;
            }
        }
        return -1;
    }

    private static ByteBuffer withVmcoreinfo(ByteBuffer notes, byte[] text) {
        int nameBytes = NOTE_NAME.length() + 1;
        int start = padded(notes.remaining());
        int descriptor = start + NOTE_HEADER_BYTES + padded(nameBytes);
        ByteBuffer all = ByteBuffer.allocateDirect(descriptor + padded(text.length)).order(notes.order());
        all.put(0, notes, notes.position(), notes.remaining());
        all.putInt(start, nameBytes);
        all.putInt(start + Integer.BYTES, text.length);
        all.put(start + NOTE_HEADER_BYTES, NOTE_NAME.getBytes(StandardCharsets.US_ASCII));
        all.put(descriptor, text);
        return all;
    }

    private static int padded(int bytes) {
        return bytes + 3 & ~3;
    }
}
