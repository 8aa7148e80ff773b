// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.kdump;

import java.nio.ByteBuffer;

import dev.vmsieve.filter.bitmap.PfnRange;

/// The sub header, struct kdump_sub_header. Each version added fields; those that a file's version lacks read as 0.
///
/// @param physBase phys_base in bytes, two's complement
/// @param dumpLevel dump_level (since version 1)
/// @param split 1 in a part of a split dump, else 0 (since version 2)
/// @param splitStart start_pfn_64 of a part, else 0 (since version 2, all 64 bits since 6)
/// @param splitEnd end_pfn_64 of a part, exclusive, else 0
/// @param vmcoreinfo the VMCOREINFO text, by habit inside the notes (since version 3)
/// @param notes contents of the vmcore's PT_NOTE segment (since version 4)
/// @param eraseinfo what was erased (since version 5)
/// @param maxMapnr max_mapnr_64 (since version 6)
public record KdumpSubHeader(long physBase, int dumpLevel, int split, long splitStart, long splitEnd,
        FileRegion vmcoreinfo, FileRegion notes, FileRegion eraseinfo, long maxMapnr) {
    private static final int DUMP_LEVEL_OFFSET = 8;
    private static final int SPLIT_OFFSET = 12;
    private static final int START_PFN_OFFSET = 16;
    private static final int END_PFN_OFFSET = 24;
    private static final int VMCOREINFO_OFFSET = 32;
    private static final int NOTE_OFFSET = 48;
    private static final int ERASEINFO_OFFSET = 64;
    private static final int START_PFN_64_OFFSET = 80;
    private static final int END_PFN_64_OFFSET = 88;
    private static final int MAX_MAPNR_64_OFFSET = 96;

    /// Reads a 64-bit machine's sub header of that version from byte at on, in the buffer's order, and checks nothing.
    static KdumpSubHeader parse(ByteBuffer bytes, int at, int version) {
        boolean wide = version >= 6;
        return new KdumpSubHeader(bytes.getLong(at), version >= 1 ? bytes.getInt(at + DUMP_LEVEL_OFFSET) : 0,
                version >= 2 ? bytes.getInt(at + SPLIT_OFFSET) : 0,
                version >= 2 ? bytes.getLong(at + (wide ? START_PFN_64_OFFSET : START_PFN_OFFSET)) : 0,
                version >= 2 ? bytes.getLong(at + (wide ? END_PFN_64_OFFSET : END_PFN_OFFSET)) : 0,
                version >= 3 ? region(bytes, at + VMCOREINFO_OFFSET) : FileRegion.NONE,
                version >= 4 ? region(bytes, at + NOTE_OFFSET) : FileRegion.NONE,
                version >= 5 ? region(bytes, at + ERASEINFO_OFFSET) : FileRegion.NONE,
                wide ? bytes.getLong(at + MAX_MAPNR_64_OFFSET) : 0);
    }

    /// Writes the sub header in [KdumpFormat#HEADER_VERSION] to the [KdumpFormat#SUB_HEADER_BYTES] from byte at on.
    public void write(ByteBuffer target, int at) {
        target.putLong(at, physBase);
        target.putInt(at + DUMP_LEVEL_OFFSET, dumpLevel);
        target.putInt(at + SPLIT_OFFSET, split);
        target.putLong(at + START_PFN_OFFSET, Math.min(splitStart, DiskDumpHeader.MAX_MAPNR_32));
        target.putLong(at + END_PFN_OFFSET, Math.min(splitEnd, DiskDumpHeader.MAX_MAPNR_32));
        put(target, at + VMCOREINFO_OFFSET, vmcoreinfo);
        put(target, at + NOTE_OFFSET, notes);
        put(target, at + ERASEINFO_OFFSET, eraseinfo);
        target.putLong(at + START_PFN_64_OFFSET, splitStart);
        target.putLong(at + END_PFN_64_OFFSET, splitEnd);
        target.putLong(at + MAX_MAPNR_64_OFFSET, maxMapnr);
    }

    /// Bytes of the sub header that a file of that version has.
    public static int bytes(int version) {
        return switch (version) {
            case 0 -> DUMP_LEVEL_OFFSET;
            case 1 -> START_PFN_OFFSET;
            case 2 -> VMCOREINFO_OFFSET;
            case 3 -> NOTE_OFFSET;
            case 4 -> ERASEINFO_OFFSET;
            case 5 -> START_PFN_64_OFFSET;
            default -> KdumpFormat.SUB_HEADER_BYTES;
        };
    }

    /// The same in a part of a split dump that holds these pfns' pages.
    public KdumpSubHeader ofPart(PfnRange range) {
        FileRegion erased = range.start() == 0 ? eraseinfo : FileRegion.NONE;
        return new KdumpSubHeader(physBase, dumpLevel, 1, range.start(), range.end(), vmcoreinfo, notes, erased,
                maxMapnr);
    }

    /// Pfns whose pages the file holds, if it is a part of a split dump.
    public PfnRange splitRange() {
        return new PfnRange(splitStart, splitEnd);
    }

    private static FileRegion region(ByteBuffer bytes, int at) {
        return new FileRegion(bytes.getLong(at), bytes.getLong(at + Long.BYTES));
    }

    private static void put(ByteBuffer target, int at, FileRegion region) {
        target.putLong(at, region.offset());
        target.putLong(at + Long.BYTES, region.bytes());
    }
}
