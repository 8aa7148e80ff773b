// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import dev.vmsieve.filter.io.CorruptDumpException;

/// The 16 bytes before a run of data: where in the dump file the data belong.
///
/// @param offset place in the dump file, in bytes; -1 in the record that ends the stream
/// @param bytes length of the data that follow; -1 in the record that ends the stream, 0 is harmless
public record FlattenedRecord(long offset, long bytes) {
    /// Bytes of a record without its data.
    public static final int BYTES = 16;
    /// What the stream ends with.
    public static final FlattenedRecord END = new FlattenedRecord(-1, -1);

    private static final int OFFSET = 0;
    private static final int SIZE = 8;

    /// True for the record that ends the stream; no data follow.
    public boolean isEnd() {
        return offset == -1;
    }

    /// True for an ending record as it must be; one whose size is not -1 ends the stream as well, but deserves a word.
    public boolean isProperEnd() {
        return offset == -1 && bytes == -1;
    }

    /// Place in the dump file right after the data.
    public long end() {
        return offset + bytes;
    }

    /// Reads a record at the buffer's position, moves the position on, and checks it.
    ///
    /// @param file name for messages
    /// @param streamOffset where in the stream the record lies, in bytes
    /// @param source at least [#BYTES] bytes, whatever its byte order
    /// @throws CorruptDumpException if place or length are negative or their sum passes 2^63 - 1
    public static FlattenedRecord read(String file, long streamOffset, ByteBuffer source) throws CorruptDumpException {
        boolean reversed = source.order() != ByteOrder.BIG_ENDIAN;
        int at = source.position();
        long offset = source.getLong(at + OFFSET);
        long bytes = source.getLong(at + SIZE);
        var record = reversed
                ? new FlattenedRecord(Long.reverseBytes(offset), Long.reverseBytes(bytes))
                : new FlattenedRecord(offset, bytes);
        source.position(at + BYTES);
        record.check(file, streamOffset);
        return record;
    }

    /// Puts the record at the target's position, big endian, and moves the position on.
    public void write(ByteBuffer target) {
        boolean reversed = target.order() != ByteOrder.BIG_ENDIAN;
        target.putLong(reversed ? Long.reverseBytes(offset) : offset);
        target.putLong(reversed ? Long.reverseBytes(bytes) : bytes);
    }

    private void check(String file, long streamOffset) throws CorruptDumpException {
        if (offset < -1) {
            throw corrupt(file, "offset must not be negative but was " + offset, streamOffset + OFFSET);
        }
        if (offset == -1) {
            return;
        }
        if (bytes < 0) {
            throw corrupt(file, "size must not be negative but was " + bytes, streamOffset + SIZE);
        }
        if (offset > Long.MAX_VALUE - bytes) {
            throw corrupt(file, "offset 0x" + Long.toHexString(offset) + " + size 0x" + Long.toHexString(bytes)
                    + " must stay below 2^63", streamOffset);
        }
    }

    private static CorruptDumpException corrupt(String file, String what, long streamOffset) {
        return new CorruptDumpException(
                "[" + file + "] flattened record: " + what + " (offset 0x" + Long.toHexString(streamOffset) + ")");
    }
}
