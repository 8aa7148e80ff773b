// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.kdump;

import java.nio.ByteBuffer;

import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.io.CorruptDumpException;

/// A page descriptor: where a page's data are. The same 24 bytes on every machine.
///
/// @param offset first byte of the data in the file; 0 in a dump cut short: the page is missing
/// @param bytes size: bytes stored, at most a block, exactly a block for a page stored as it is
/// @param flags method bits of [StorageFlag], 0 for a page stored as it is
/// @param pageFlags page_flags: free for use, interpreted by no reader
public record PageDescriptor(long offset, int bytes, int flags, long pageFlags) {
    /// No page's data lie before this offset of a file.
    public static final int FIRST_OFFSET = KdumpFormat.MAIN_HEADER_BYTES;
    private static final int SIZE_OFFSET = 8;
    private static final int FLAGS_OFFSET = 12;
    private static final int PAGE_FLAGS_OFFSET = 16;

    /// Reads the descriptor at byte at, in the buffer's order.
    public static PageDescriptor parse(ByteBuffer source, int at) {
        return new PageDescriptor(source.getLong(at), source.getInt(at + SIZE_OFFSET),
                source.getInt(at + FLAGS_OFFSET), source.getLong(at + PAGE_FLAGS_OFFSET));
    }

    /// The offset of the descriptor at byte at, without making an object of it.
    public static long offset(ByteBuffer source, int at) {
        return source.getLong(at);
    }

    /// The size of the descriptor at byte at.
    public static int bytes(ByteBuffer source, int at) {
        return source.getInt(at + SIZE_OFFSET);
    }

    /// The flags of the descriptor at byte at.
    public static int flags(ByteBuffer source, int at) {
        return source.getInt(at + FLAGS_OFFSET);
    }

    /// Writes a descriptor without making an object of it; page_flags 0.
    public static void put(ByteBuffer target, int at, long offset, int bytes, int flags) {
        target.putLong(at, offset);
        target.putInt(at + SIZE_OFFSET, bytes);
        target.putInt(at + FLAGS_OFFSET, flags);
        target.putLong(at + PAGE_FLAGS_OFFSET, 0);
    }

    /// True for a page that a dump cut short does not hold.
    public boolean missing() {
        return offset == 0;
    }

    /// How the page is stored.
    public Compression compression() {
        return Compression.byFlag(flags);
    }

    /// Checks a descriptor that is not [#missing]; fileBytes is the file's size, [Long#MAX_VALUE] if unknown.
    ///
    /// @throws CorruptDumpException if no page can be read by it
    public void check(String file, long pfn, int blockBytes, long fileBytes) throws CorruptDumpException {
        boolean stored = compression() == Compression.NONE;
        if (bytes <= 0 || bytes > blockBytes || (stored && bytes != blockBytes)) {
            throw new CorruptDumpException("[" + file + "] page descriptor of pfn " + pfn + ": size must be "
                    + (stored ? "" : "1 to ") + blockBytes + " but was " + Integer.toUnsignedString(bytes));
        }
        if (offset < FIRST_OFFSET || offset > fileBytes - bytes) {
            throw new CorruptDumpException("[" + file + "] page descriptor of pfn " + pfn
                    + ": offset must lie inside the file but was " + offset + " with size " + bytes);
        }
    }
}
