// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Cuts a page into literals and matches of four bytes and more, as items of [DeflateTables].
///
/// A table holds the last place of each hash of four bytes, one candidate is looked at per place. Guarded by
/// `PageCodecBenchmark`.
final class DeflateMatcher {
    /// Bytes before the page in its array: the first byte is then never at place 0.
    static final int LEAD = Long.BYTES;
    /// Bytes after the page in its array: literals are copied in words.
    static final int SLACK = 2 * Long.BYTES;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int MIN_TABLE_BITS = 12;
    private static final int MAX_TABLE_BITS = 15;
    /// The last words of a part are not searched, so that no read of a word passes its end.
    private static final int UNSEARCHED = 12;
    private static final int SKIP_LOG = 7; // the step grows by one each 128 places that had no match
    /// Shorter matches are given up for one that starts a byte later and is at least two bytes longer.
    private static final int GOOD_LENGTH = 64;
    private static final int PRIME = 0x9E3779B1;

    /// The items found last, without the end of the block.
    int[] items = {};

    private int[] table = new int[1 << MIN_TABLE_BITS];
    /// As in [LzoEncoder]: entries of earlier pages are too small, and count as the page's first byte.
    private int epoch;
    private int lastBytes;
    private int shift;

    /// To be called before the first part of a page.
    void startPage(int bytes) {
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
        shift = Integer.SIZE - bits;
    }

    /// Parses `in[from, end)`; matches may reach back to `in[LEAD]`.
    ///
    /// @return how many items there are
    int parse(byte[] in, int from, int end) {
        if (items.length < end - from + 8) {
            items = new int[end - from + 8];
        }
        final int[] items = this.items;
        final int[] table = this.table;
        final int[] lengthItems = DeflateTables.LENGTH;
        final int shift = this.shift;
        final int epoch = this.epoch;
        final int limit = end - UNSEARCHED;
        int anchor = from;
        int ip = Math.max(from, LEAD + 1);
        int n = 0;
        int step = 1 << SKIP_LOG;
        while (ip <= limit) {
            long word = (long) LONG.get(in, ip);
            int hash = ((int) word * PRIME) >>> shift;
            int candidate = Math.max(table[hash] - epoch, LEAD);
            table[hash] = epoch + ip;
            long difference = (long) LONG.get(in, candidate) ^ word;
            if ((int) difference != 0 || ip - candidate > DeflateTables.MAX_DISTANCE) {
                ip += step++ >> SKIP_LOG;
                continue;
            }
            int length = matchLength(in, ip, candidate, difference, end);
            if (length < GOOD_LENGTH) {
                int later = ip + 1;
                word = (long) LONG.get(in, later);
                hash = ((int) word * PRIME) >>> shift;
                int laterCandidate = Math.max(table[hash] - epoch, LEAD);
                table[hash] = epoch + later;
                difference = (long) LONG.get(in, laterCandidate) ^ word;
                // mostly it is the same match less a byte
                if ((int) difference == 0 && laterCandidate != candidate + 1
                        && later - laterCandidate <= DeflateTables.MAX_DISTANCE) {
                    int laterLength = matchLength(in, later, laterCandidate, difference, end);
                    if (laterLength > length + 1) {
                        length = laterLength;
                        ip = later;
                        candidate = laterCandidate;
                    }
                }
            }
            n = literals(in, anchor, ip, items, n);
            items[n] = lengthItems[length - DeflateTables.MIN_LENGTH];
            items[n + 1] = DeflateTables.distance(ip - candidate - 1);
            n += 2;
            anchor = ip + length;
            ip = anchor;
            step = 1 << SKIP_LOG;
            if (ip <= limit) { // of a match's places, the last help most: 1 % of the output
                table[((int) INT.get(in, ip - 3) * PRIME) >>> shift] = epoch + ip - 3;
                table[((int) INT.get(in, ip - 2) * PRIME) >>> shift] = epoch + ip - 2;
                table[((int) INT.get(in, ip - 1) * PRIME) >>> shift] = epoch + ip - 1;
            }
        }
        return literals(in, anchor, end, items, n);
    }

    /// Four at a time, so that runs of up to four, which are most, take the same way; what is too much is overwritten.
    private static int literals(byte[] in, int from, int to, int[] items, int count) {
        int n = count;
        int ip = from;
        do {
            int word = (int) INT.get(in, ip);
            items[n] = word & 0xff;
            items[n + 1] = word >>> 8 & 0xff;
            items[n + 2] = word >>> 16 & 0xff;
            items[n + 3] = word >>> 24;
            n += 4;
            ip += 4;
        } while (ip < to);
        return n - (ip - to);
    }

    /// Short, so that C1 inlines it.
    private static int matchLength(byte[] in, int ip, int candidate, long firstDifference, int end) {
        return firstDifference != 0 ? Words.equalBytes(firstDifference) : longMatch(in, ip, candidate, end);
    }

    /// Length of a match whose first word is equal.
    private static int longMatch(byte[] in, int ip, int candidate, int end) {
        int stop = Math.min(end, ip + DeflateTables.MAX_LENGTH);
        int at = ip + Long.BYTES;
        int delta = ip - candidate;
        while (at <= stop - Long.BYTES) {
            long difference = (long) LONG.get(in, at) ^ (long) LONG.get(in, at - delta);
            if (difference != 0) {
                return at - ip + Words.equalBytes(difference);
            }
            at += Long.BYTES;
        }
        while (at < stop && in[at] == in[at - delta]) {
            at++;
        }
        return at - ip;
    }
}
