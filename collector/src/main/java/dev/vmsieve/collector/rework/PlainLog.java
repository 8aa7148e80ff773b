// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;

/// The log of kernels up to 3.4: one ring of text. Printed as it is, level marks included.
final class PlainLog {
    private static final int PIECE = 1 << 16;

    private final LogKeys keys;

    PlainLog(LogKeys keys) {
        this.keys = keys;
    }

    /// Prints the text, oldest first.
    void print(LogText text) throws IOException {
        long length = keys.check("log_buf_len", keys.u32At(keys.symbol("log_buf_len")), 1, Integer.MAX_VALUE);
        long end = keys.u32At(keys.symbol("log_end")) & 0xffff_ffffL;
        var ring = new LogWindow(keys, keys.wordAt(keys.symbol("log_buf")), length);
        if (end >= length) {
            print(ring, end % length, length, text);
        }
        print(ring, 0, end < length ? end : end % length, text);
    }

    private static void print(LogWindow ring, long from, long to, LogText text) throws IOException {
        long at = from;
        while (at < to) {
            int piece = (int) Math.min(PIECE, to - at);
            text.raw(ring.buffer(), ring.load(at, piece), piece);
            at += piece;
        }
    }
}
