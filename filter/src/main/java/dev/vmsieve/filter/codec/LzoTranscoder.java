// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Makes LZO1X blocks of snappy blocks (format_description.txt of snappy): both are literals and matches, written down
/// differently. The search for matches, most of the work, is then libsnappy's, which needs no time to get warm.
///
/// LZO says the same in fewer bytes: up to three literals cost nothing, and a long match is one instruction where snappy
/// has one for each 64 bytes. Guarded by `PageCodecBenchmark`.
final class LzoTranscoder {
    /// Larger blocks could hold matches farther away than LZO can say.
    static final int MOST_BYTES = 1 << 15;
    /// Bytes after the snappy block in its array.
    static final int SLACK = LzoInstructions.SLACK;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LITERALS = 0;
    private static final int NEAR_COPY = 1; // 4 to 11 bytes, at distances to 2047
    private static final int COPY = 2;
    private static final int FEW_LITERALS = 3; // so many go into the match before them
    /// Literal counts above this one are in the bytes that follow.
    private static final int MOST_INLINE = 60;
    /// Longer matches may be cut in pieces, of which none but the last is shorter.
    private static final int LEAST_CUT = 60;

    private LzoTranscoder() {}

    /// Transcodes `in[0, end)`, which decodes to at most [#MOST_BYTES].
    ///
    /// The commonest instructions come first, and each is written where it is read: C1 inlines little and merges nothing.
    ///
    /// @return bytes written from `out[0]` on, or [PageCodec#DOES_NOT_SHRINK] for a block that libsnappy does not make
    static int encode(byte[] in, int end, byte[] out) {
        int ip = 0;
        while (in[ip++] < 0) {
            // the length field, 7 bits a byte
        }
        int op = 0;
        boolean afterMatch = false;
        while (ip < end) {
            int word = (int) INT.get(in, ip);
            int kind = word & 3;
            if (kind == NEAR_COPY) {
                int length = nearLength(word);
                int distance = nearDistance(word);
                ip += 2;
                if (length <= LzoInstructions.SHORT_LENGTH) {
                    INT.set(out, op, LzoInstructions.shortMatch(distance, length));
                    op += 2;
                } else {
                    INT.set(out, op, LzoInstructions.middleMatch(distance, length));
                    op += 3;
                }
                afterMatch = true;
            } else if (kind == LITERALS) {
                int length = length(word);
                if (length <= FEW_LITERALS && afterMatch) {
                    op = LzoInstructions.fewLiterals(word >>> 8, length, out, op);
                    ip += 1 + length;
                } else {
                    int bytes = Math.max(0, length - MOST_INLINE);
                    if (bytes > 2 || (op > 0 && !afterMatch)) {
                        return PageCodec.DOES_NOT_SHRINK; // LZO cannot say literals twice in a row
                    }
                    if (bytes > 0) {
                        length = (word >>> 8 & (bytes == 1 ? 0xff : 0xffff)) + 1;
                    }
                    ip += 1 + bytes;
                    op = LzoInstructions.literals(in, ip, length, out, op);
                    ip += length;
                }
                afterMatch = false;
            } else if (kind == COPY) {
                int length = length(word);
                int distance = copyDistance(word);
                ip += 3;
                if (length <= LzoInstructions.MIDDLE_LENGTH && distance <= LzoInstructions.MIDDLE_DISTANCE
                        && length > LzoInstructions.SHORT_LENGTH) {
                    INT.set(out, op, LzoInstructions.middleMatch(distance, length));
                    op += 3;
                } else {
                    if (length >= LEAST_CUT) {
                        int next = (int) INT.get(in, ip);
                        while ((next & 3) == COPY && copyDistance(next) == distance && ip < end) {
                            length += length(next);
                            ip += 3;
                            next = (int) INT.get(in, ip);
                        }
                        if ((next & 3) == NEAR_COPY && nearDistance(next) == distance && ip < end) {
                            length += nearLength(next);
                            ip += 2;
                        }
                    }
                    op = LzoInstructions.match(distance, length, out, op);
                }
                afterMatch = true;
            } else {
                return PageCodec.DOES_NOT_SHRINK;
            }
        }
        return LzoInstructions.end(out, op);
    }

    private static int length(int word) {
        return (word >>> 2 & 63) + 1;
    }

    private static int copyDistance(int word) {
        return word >>> 8 & 0xffff;
    }

    private static int nearLength(int word) {
        return (word >>> 2 & 7) + 4;
    }

    private static int nearDistance(int word) {
        return (word & 0xe0) << 3 | (word >>> 8 & 0xff);
    }
}
