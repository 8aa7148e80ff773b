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
    private static final int NEAR_COPY = 1;
    private static final int COPY = 2;
    /// Literal counts above this one are in the bytes that follow.
    private static final int MOST_INLINE = 60;
    /// Longer matches may be cut in pieces, of which none but the last is shorter.
    private static final int LEAST_CUT = 60;

    private LzoTranscoder() {}

    /// Transcodes `in[0, end)`, which decodes to at most [#MOST_BYTES].
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
            int length = (word >>> 2 & 63) + 1;
            if (kind == LITERALS) {
                ip++;
                if (length > MOST_INLINE) {
                    int bytes = length - MOST_INLINE;
                    if (bytes > 2) {
                        return PageCodec.DOES_NOT_SHRINK;
                    }
                    length = (word >>> 8 & (bytes == 1 ? 0xff : 0xffff)) + 1;
                    ip += bytes;
                }
                if (length <= 3 && afterMatch) {
                    op = LzoInstructions.fewLiterals(in, ip, length, out, op);
                } else if (afterMatch || op == 0) {
                    op = LzoInstructions.literals(in, ip, length, out, op);
                } else {
                    return PageCodec.DOES_NOT_SHRINK; // LZO cannot say literals twice in a row
                }
                ip += length;
                afterMatch = false;
                continue;
            }
            int distance;
            if (kind == NEAR_COPY) {
                length = (word >>> 2 & 7) + 4;
                distance = nearDistance(word);
                ip += 2;
            } else if (kind == COPY) {
                distance = word >>> 8 & 0xffff;
                ip += 3;
                if (length >= LEAST_CUT) {
                    int next = (int) INT.get(in, ip);
                    while ((next & 3) == COPY && (next >>> 8 & 0xffff) == distance && ip < end) {
                        length += (next >>> 2 & 63) + 1;
                        ip += 3;
                        next = (int) INT.get(in, ip);
                    }
                    if ((next & 3) == NEAR_COPY && nearDistance(next) == distance && ip < end) {
                        length += (next >>> 2 & 7) + 4;
                        ip += 2;
                    }
                }
            } else {
                return PageCodec.DOES_NOT_SHRINK;
            }
            int d = distance - 1;
            if (length <= LzoInstructions.SHORT_LENGTH && distance <= LzoInstructions.SHORT_DISTANCE) {
                INT.set(out, op, (length - 1) << 5 | (d & 7) << 2 | d >> 3 << 8);
                op += 2;
            } else if (length <= LzoInstructions.MIDDLE_LENGTH && distance <= LzoInstructions.MIDDLE_DISTANCE) {
                INT.set(out, op, 32 | (length - 2) | d << 10);
                op += 3;
            } else {
                op = LzoInstructions.longMatch(distance, length, out, op);
            }
            afterMatch = true;
        }
        return LzoInstructions.end(out, op);
    }

    private static int nearDistance(int word) {
        return (word & 0xe0) << 3 | (word >>> 8 & 0xff);
    }
}
