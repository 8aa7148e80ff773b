// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import dev.vmsieve.filter.io.CorruptDumpException;

/// Reads LZO1X blocks, the whole stream the kernel's `Documentation/staging/lzo.rst` describes.
///
/// Every read, copy and distance is checked, so a hostile block ends in an exception; an instance holds the place reached.
final class LzoDecoder {
    /// Shorter ones are copied byte by byte where they overlap.
    private static final int LONG_MATCH = 16;
    private static final int AFTER_RUN = 4; // state after a run of four literals or more; 1 to 3 after shorter ones

    private byte[] in = {};
    private int inBytes;
    private int ip;
    private byte[] out = {};
    private int outBytes;
    private int op;

    /// Decompresses `source[0, sourceBytes)` into `page[0, pageBytes)`, which it must fill exactly.
    void decode(byte[] source, int sourceBytes, byte[] page, int pageBytes) throws CorruptDumpException {
        in = source;
        inBytes = sourceBytes;
        ip = 0;
        out = page;
        outBytes = pageBytes;
        op = 0;
        int state = firstRun();
        while (true) {
            int t = next();
            int length;
            int distance;
            int trailing = t & 3;
            if (t >= 64) {
                length = (t >> 5) + 1;
                distance = 1 + (next() << 3) + (t >> 2 & 7);
            } else if (t >= 32) {
                length = length(t & 31, 31);
                int word = next() | next() << 8;
                distance = 1 + (word >> 2);
                trailing = word & 3;
            } else if (t >= 16) {
                length = length(t & 7, 7);
                int word = next() | next() << 8;
                distance = 16384 + ((t & 8) << 11) + (word >> 2);
                trailing = word & 3;
                if (distance == 16384) {
                    requireEnd(t, word);
                    return;
                }
            } else if (state == 0) {
                copyLiterals(t == 0 ? extension(18) : t + 3);
                state = AFTER_RUN;
                continue;
            } else {
                length = state == AFTER_RUN ? 3 : 2;
                distance = (state == AFTER_RUN ? 2049 : 1) + (next() << 2) + (t >> 2);
            }
            copyMatch(distance, length);
            copyLiterals(trailing);
            state = trailing;
        }
    }

    /// A block may start with a byte above 17, which is a run of literals by itself.
    private int firstRun() throws CorruptDumpException {
        if (inBytes == 0 || (in[0] & 0xff) <= 17) {
            return 0;
        }
        int count = next() - 17;
        copyLiterals(count);
        return Math.min(count, AFTER_RUN);
    }

    private int next() throws CorruptDumpException {
        if (ip >= inBytes) {
            throw broken("is cut off");
        }
        return in[ip++] & 0xff;
    }

    private int length(int bits, int mask) throws CorruptDumpException {
        return bits == 0 ? extension(mask + 2) : bits + 2;
    }

    /// Zero bytes of 255 each, then a byte that is not zero.
    private int extension(int base) throws CorruptDumpException {
        int value = base;
        int b = next();
        while (b == 0) {
            value += 255;
            if (value > outBytes) {
                throw broken("has a length beyond the page's size " + outBytes);
            }
            b = next();
        }
        return value + b;
    }

    private void copyLiterals(int count) throws CorruptDumpException {
        if (count > inBytes - ip) {
            throw broken("is cut off");
        }
        requireRoom(count);
        System.arraycopy(in, ip, out, op, count);
        ip += count;
        op += count;
    }

    private void copyMatch(int distance, int length) throws CorruptDumpException {
        if (distance > op) {
            throw broken("has a distance of " + distance + " with only " + op + " bytes written");
        }
        requireRoom(length);
        byte[] page = out;
        int to = op;
        int from = to - distance;
        if (distance >= length) {
            System.arraycopy(page, from, page, to, length);
        } else if (length < LONG_MATCH) {
            for (int i = 0; i < length; i++) { // source and target overlap: the bytes just written are read again
                page[to + i] = page[from + i];
            }
        } else {
            repeat(page, from, to, to + length);
        }
        op = to + length;
    }

    /// Fills from `to` to `end` with what lies from `from` to `to`, again and again: each copy doubles it.
    private static void repeat(byte[] page, int from, int to, int end) {
        int at = to;
        while (at < end) {
            int bytes = Math.min(at - from, end - at);
            System.arraycopy(page, from, page, at, bytes);
            at += bytes;
        }
    }

    private void requireRoom(int count) throws CorruptDumpException {
        if (count > outBytes - op) {
            throw broken("yields more than the page's " + outBytes + " bytes");
        }
    }

    private void requireEnd(int opcode, int word) throws CorruptDumpException {
        if (opcode != 17 || word != 0) {
            throw broken("has a malformed end");
        }
        if (op != outBytes) {
            throw broken("must yield " + outBytes + " bytes but yielded " + op);
        }
        if (ip != inBytes) {
            throw broken("ends before its " + inBytes + " bytes do");
        }
    }

    private CorruptDumpException broken(String what) {
        return new CorruptDumpException("LZO page: stream " + what + " (stream offset " + ip + ")");
    }
}
