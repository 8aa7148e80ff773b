// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Writes LZO1X blocks where [LzoTranscoder] cannot: without libsnappy, and of large pages.
///
/// The search is greedy: a table holds the last place of each hash of five bytes, one candidate is looked at per place,
/// and the steps widen while nothing is found. Guarded by `PageCodecBenchmark`.
final class LzoEncoder {
    /// Bytes before the page in its array, so that matches can be grown backwards by whole words.
    static final int LEAD = Long.BYTES;
    /// Bytes after the page in its array, and after the largest output.
    static final int SLACK = LzoInstructions.SLACK;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int MIN_TABLE_BITS = 12; // 16 KiB: leaves room for page and output in the first level cache
    private static final int MAX_TABLE_BITS = 14;
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
                if ((int) difference == 0 && ip - candidate <= LzoInstructions.LONG_DISTANCE) {
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
            if (literals <= 3 && op != 0) { // the common case, without a branch on the number
                op = LzoInstructions.fewLiterals((int) INT.get(in, anchor), literals, out, op);
            } else {
                op = LzoInstructions.literals(in, anchor, literals, out, op);
            }
            if (difference != 0) {
                ip += Words.equalBytes(difference);
            } else {
                ip = matchEnd(in, ip + 8, candidate + 8, end);
            }
            int length = ip - start;
            anchor = ip;
            if (length <= LzoInstructions.MIDDLE_LENGTH && distance <= LzoInstructions.MIDDLE_DISTANCE) {
                // short or middle is a coin toss for the branch predictor: both are made and one is taken
                int shortMatch = LzoInstructions.shortMatch(distance, length);
                int middleMatch = LzoInstructions.middleMatch(distance, length);
                int middle = ((LzoInstructions.SHORT_DISTANCE - distance)
                        | (LzoInstructions.SHORT_LENGTH - length)) >> 31; // -1 or 0
                INT.set(out, op, shortMatch ^ ((shortMatch ^ middleMatch) & middle));
                op += 2 - middle;
            } else {
                op = LzoInstructions.match(distance, length, out, op);
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
                return ip + Words.equalBytes(difference);
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

    private static int finish(byte[] in, int anchor, int end, byte[] out, int offset) {
        int op = offset;
        int count = end - anchor;
        if (op == 0 || count > 3) {
            op = LzoInstructions.literals(in, anchor, count, out, op);
        } else {
            op = LzoInstructions.fewLiterals((int) INT.get(in, anchor), count, out, op);
        }
        return LzoInstructions.end(out, op);
    }
}
