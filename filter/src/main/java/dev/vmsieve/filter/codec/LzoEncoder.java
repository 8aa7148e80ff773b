// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Writes LZO1X blocks.
///
/// The stream is the one the kernel's `Documentation/staging/lzo.rst` describes; a subset of it is used: literal runs,
/// short matches (2 bytes: 3 to 8 bytes long, distance to 2048), middle (3 bytes, to 16384) and long ones (to 49151).
///
/// The search is greedy: a table holds the last place of each hash of five bytes, one candidate is looked at per place,
/// and the steps widen while nothing is found. Guarded by `PageCodecBenchmark`.
final class LzoEncoder {
    /// Bytes before the page in its array, so that matches can be grown backwards by whole words.
    static final int LEAD = Long.BYTES;
    /// Bytes after the page in its array, and after the largest output: literals are copied in words of two longs.
    static final int SLACK = 3 * Long.BYTES;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int MIN_TABLE_BITS = 12; // 16 KiB: leaves room for page and output in the first level cache
    private static final int MAX_TABLE_BITS = 14;
    private static final int SHORT_DISTANCE = 2048;
    private static final int SHORT_LENGTH = 8;
    private static final int MIDDLE_DISTANCE = 16384;
    private static final int MIDDLE_LENGTH = 33;
    private static final int LONG_DISTANCE = 0xbfff;
    private static final int LONG_LENGTH = 9;
    /// The last words of a page are not searched, so that no read of a word passes its end.
    private static final int UNSEARCHED = 12;
    private static final int SKIP_LOG = 5; // the step grows by one each 32 places that had no match
    private static final long PRIME = 0x9E3779B185EBCA87L;

    private int[] table = new int[1 << MIN_TABLE_BITS];
    /// Entries of the table are this plus a place, so entries of earlier pages are too small and the table need not be
    /// cleared. They count as the page's first byte, exactly as entries never written do: output depends on no earlier page.
    private int epoch;
    private int lastBytes;

    /// Bytes the output array must have.
    static int maxBytes(int pageBytes) {
        return pageBytes + pageBytes / 16 + 64 + 3 + SLACK;
    }

    /// Compresses `in[LEAD, LEAD + bytes)`; at least 16 bytes.
    ///
    /// @return bytes written from `out[0]` on, possibly more than went in
    int encode(byte[] in, int bytes, byte[] out) {
        final int shift = prepareTable(bytes);
        final int[] table = this.table;
        final int epoch = this.epoch;
        final int end = LEAD + bytes;
        final int limit = end - UNSEARCHED;
        int anchor = LEAD; // first byte not yet written
        int ip = LEAD + 1;
        int op = 0;
        while (true) {
            int candidate;
            long difference;
            int step = 1 << SKIP_LOG;
            while (true) {
                long word = (long) LONG.get(in, ip);
                int hash = (int) (((word << 24) * PRIME) >>> shift);
                candidate = Math.max(table[hash] - epoch, LEAD); // one compare for "stale" and "never written"
                table[hash] = epoch + ip;
                difference = (long) LONG.get(in, candidate) ^ word;
                if ((int) difference == 0 && ip - candidate <= LONG_DISTANCE) {
                    break;
                }
                ip += step++ >> SKIP_LOG;
                if (ip > limit) {
                    return finish(in, anchor, end, out, op);
                }
            }
            int distance = ip - candidate;
            int back = Long.numberOfLeadingZeros((long) LONG.get(in, ip - 8) ^ (long) LONG.get(in, candidate - 8)) >> 3;
            int start = ip - Math.min(back, Math.min(ip - anchor, candidate - LEAD));
            int literals = start - anchor;
            if (literals <= 3 && op != 0) { // the common case goes into the match before, without a branch on the
                                            // number
                out[op - 2] |= (byte) literals;
                INT.set(out, op, (int) INT.get(in, anchor));
                op += literals;
            } else {
                op = literals(in, anchor, literals, out, op);
            }
            if (difference != 0) {
                ip += Long.numberOfTrailingZeros(difference) >> 3;
            } else {
                ip = matchEnd(in, ip + 8, candidate + 8, end);
            }
            int length = ip - start;
            anchor = ip;
            if (length <= MIDDLE_LENGTH && distance <= MIDDLE_DISTANCE) {
                // short or middle is a coin toss for the branch predictor: both are made and one is taken
                int d = distance - 1;
                int shortMatch = (length - 1) << 5 | (d & 7) << 2 | d >> 3 << 8;
                int middleMatch = 32 | (length - 2) | d << 10;
                int middle = ((SHORT_DISTANCE - distance) | (SHORT_LENGTH - length)) >> 31; // -1 or 0
                INT.set(out, op, shortMatch ^ ((shortMatch ^ middleMatch) & middle));
                op += 2 - middle;
            } else {
                op = longMatch(distance, length, out, op);
            }
            if (ip > limit) {
                return finish(in, anchor, end, out, op);
            }
            long word = (long) LONG.get(in, ip - 2);
            table[(int) (((word << 24) * PRIME) >>> shift)] = epoch + ip - 2;
        }
    }

    /// Moves the epoch past every entry, and gives the shift that makes a table index of a 64-bit hash.
    private int prepareTable(int bytes) {
        int bits = Math.clamp(Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1) - 1, MIN_TABLE_BITS,
                MAX_TABLE_BITS);
        long next = (long) epoch + lastBytes;
        if (table.length != 1 << bits) {
            table = new int[1 << bits];
            next = 0;
        } else if (next + LEAD + bytes > Integer.MAX_VALUE) {
            Arrays.fill(table, 0);
            next = 0;
        }
        epoch = (int) next;
        lastBytes = bytes;
        return Long.SIZE - bits;
    }

    private static int matchEnd(byte[] in, int from, int candidateFrom, int end) {
        int ip = from;
        int candidate = candidateFrom;
        while (ip <= end - Long.BYTES) {
            long difference = (long) LONG.get(in, ip) ^ (long) LONG.get(in, candidate);
            if (difference != 0) {
                return ip + (Long.numberOfTrailingZeros(difference) >> 3);
            }
            ip += Long.BYTES;
            candidate += Long.BYTES;
        }
        while (ip < end && in[ip] == in[candidate]) {
            ip++;
            candidate++;
        }
        return ip;
    }

    /// Writes the start of the block, or a run of four literals and more.
    private static int literals(byte[] in, int from, int count, byte[] out, int offset) {
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

    private static int finish(byte[] in, int anchor, int end, byte[] out, int offset) {
        int op = offset;
        int count = end - anchor;
        if (op == 0 || count > 3) {
            op = literals(in, anchor, count, out, op);
        } else {
            out[op - 2] |= (byte) count;
            INT.set(out, op, (int) INT.get(in, anchor));
            op += count;
        }
        out[op] = 17; // a long match of no distance
        out[op + 1] = 0;
        out[op + 2] = 0;
        return op + 3;
    }
}
