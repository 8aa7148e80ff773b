// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// The first block of a flattened stream: `makedumpfile`, four NUL, two numbers, and padding that nobody looks at.
///
/// @param type 1, the only one there is
/// @param version 1, the only one there is
public record FlattenedHeader(long type, long version) {
    /// Bytes of the block, padding included; the first record follows.
    public static final int BYTES = 4096;
    /// The type and version that are known.
    public static final FlattenedHeader CURRENT = new FlattenedHeader(1, 1);

    private static final int SIGNATURE_BYTES = 16;
    private static final byte[] SIGNATURE = "makedumpfile\0\0\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final int TYPE = 16;
    private static final int VERSION = 24;
    private static final int USED_BYTES = 32;

    /// True if the remaining bytes of the head begin as a flattened stream does.
    public static boolean begins(ByteBuffer head) {
        return head.remaining() >= SIGNATURE_BYTES
                && head.slice(head.position(), SIGNATURE_BYTES).equals(ByteBuffer.wrap(SIGNATURE));
    }

    /// Reads the block from the buffer's position on and checks it; the position stays.
    ///
    /// @param file name for messages
    /// @param head the first bytes of the stream, [#BYTES] or fewer if the stream is shorter
    /// @throws CorruptDumpException if it is no flattened stream or ends within the block
    /// @throws UnsupportedDumpException if type or version are unknown
    public static FlattenedHeader read(String file, ByteBuffer head) throws DumpException {
        if (!begins(head)) {
            throw new CorruptDumpException(
                    "[" + file + "] flattened header: signature must be \"makedumpfile\" but was "
                            + Printable.head(head, SIGNATURE_BYTES) + " (offset 0x0)");
        }
        if (head.remaining() < BYTES) {
            throw new CorruptDumpException("[" + file + "] flattened header: ends after " + head.remaining()
                    + " bytes, expected " + BYTES);
        }
        ByteBuffer block = head.slice().order(ByteOrder.BIG_ENDIAN);
        var header = new FlattenedHeader(block.getLong(TYPE), block.getLong(VERSION));
        check(file, "type", header.type, TYPE);
        check(file, "version", header.version, VERSION);
        return header;
    }

    /// Puts the whole block, padding included, at the target's position and moves it on.
    public void write(ByteBuffer target) {
        ByteBuffer block = target.slice(target.position(), BYTES).order(ByteOrder.BIG_ENDIAN);
        block.put(0, SIGNATURE);
        block.putLong(TYPE, type);
        block.putLong(VERSION, version);
        for (int at = USED_BYTES; at < BYTES; at += Long.BYTES) {
            block.putLong(at, 0);
        }
        target.position(target.position() + BYTES);
    }

    private static void check(String file, String field, long found, int offset) throws UnsupportedDumpException {
        if (found != 1) {
            throw new UnsupportedDumpException(
                    "[" + file + "] flattened header: " + field + " must be 1 but was " + found
                            + " (offset 0x" + Integer.toHexString(offset) + ")");
        }
    }
}
