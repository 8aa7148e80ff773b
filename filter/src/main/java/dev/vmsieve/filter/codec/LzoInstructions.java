// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Writes what an LZO1X block is made of, as the kernel's `Documentation/staging/lzo.rst` describes it. A subset is used:
/// literal runs, short matches (2 bytes: 3 to 8 bytes long, distance to 2048), middle (3 bytes, to 16384) and long ones
/// (to 49151).
///
/// Arrays that literals are taken from and written to have [#SLACK] bytes to spare, since words are copied.
final class LzoInstructions {
    static final int SHORT_DISTANCE = 2048;
    static final int SHORT_LENGTH = 8;
    static final int MIDDLE_DISTANCE = 16384;
    static final int MIDDLE_LENGTH = 33;
    static final int LONG_DISTANCE = 0xbfff;
    static final int SLACK = 3 * Long.BYTES;

    private static final int LONG_LENGTH = 9;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private LzoInstructions() {}

    /// Up to three literals, of which the first is the lowest byte, go into the instruction of the match before them.
    static int fewLiterals(int literals, int count, byte[] out, int op) {
        out[op - 2] |= (byte) count;
        INT.set(out, op, literals);
        return op + count;
    }

    /// Writes the start of the block, or a run of four literals and more.
    static int literals(byte[] in, int from, int count, byte[] out, int offset) {
        int op = offset;
        if (op == 0 && count <= 255 - 17) {
            out[op++] = (byte) (count + 17);
        } else if (count <= 18) {
            out[op++] = (byte) (count - 3);
        } else {
            out[op++] = 0;
            op = extension(count - 18, out, op);
        }
        LONG.set(out, op, (long) LONG.get(in, from));
        LONG.set(out, op + 8, (long) LONG.get(in, from + 8));
        if (count > 16) {
            System.arraycopy(in, from + 16, out, op + 16, count - 16);
        }
        return op + count;
    }

    /// The two bytes of a match that is short in length and distance.
    static int shortMatch(int distance, int length) {
        int d = distance - 1;
        return (length - 1) << 5 | (d & 7) << 2 | d >> 3 << 8;
    }

    /// The three bytes of a match that is at most middle in length and distance.
    static int middleMatch(int distance, int length) {
        return 32 | (length - 2) | (distance - 1) << 10;
    }

    /// Writes any match.
    static int match(int distance, int length, byte[] out, int op) {
        if (distance > MIDDLE_DISTANCE || length > MIDDLE_LENGTH + 255) {
            return longMatch(distance, length, out, op);
        }
        if (length > MIDDLE_LENGTH) {
            INT.set(out, op, 32 | (length - MIDDLE_LENGTH) << 8 | (distance - 1) << 18);
            return op + 4;
        }
        if (length > SHORT_LENGTH || distance > SHORT_DISTANCE) {
            INT.set(out, op, middleMatch(distance, length));
            return op + 3;
        }
        INT.set(out, op, shortMatch(distance, length));
        return op + 2;
    }

    private static int longMatch(int distance, int length, byte[] out, int offset) {
        int op = offset;
        int d;
        if (distance <= MIDDLE_DISTANCE) {
            d = distance - 1;
            op = lengthByte(32, length, MIDDLE_LENGTH, out, op);
        } else {
            d = distance - MIDDLE_DISTANCE;
            op = lengthByte(16 | d >> 14 << 3, length, LONG_LENGTH, out, op);
        }
        out[op] = (byte) (d << 2);
        out[op + 1] = (byte) ((d & 0x3fff) >> 6);
        return op + 2;
    }

    private static int lengthByte(int opcode, int length, int direct, byte[] out, int op) {
        if (length <= direct) {
            out[op] = (byte) (opcode | length - 2);
            return op + 1;
        }
        out[op] = (byte) opcode;
        return extension(length - direct, out, op + 1);
    }

    private static int extension(int value, byte[] out, int offset) {
        int op = offset;
        int rest = value;
        while (rest > 255) {
            out[op++] = 0;
            rest -= 255;
        }
        out[op] = (byte) rest;
        return op + 1;
    }

    static int end(byte[] out, int op) {
        out[op] = 17; // a long match of no distance
        out[op + 1] = 0;
        out[op + 2] = 0;
        return op + 3;
    }
}
