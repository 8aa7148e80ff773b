// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

import java.nio.ByteBuffer;

/// Bytes of a damaged file in a message: text as it is, everything else in hex.
final class Printable {
    private Printable() {}

    /// The first bytes of the buffer, at most max, quoted.
    static String head(ByteBuffer bytes, int max) {
        int length = Math.min(bytes.remaining(), max);
        if (length == 0) {
            return "nothing";
        }
        var text = new StringBuilder("\"");
        for (int i = 0; i < length; i++) {
            int b = bytes.get(bytes.position() + i) & 0xff;
            if (b >= ' ' && b < 0x7f && b != '\\' && b != '"') {
                text.append((char) b);
            } else {
                text.append("\\x").append(Character.forDigit(b >> 4, 16)).append(Character.forDigit(b & 15, 16));
            }
        }
        return text.append('"').toString();
    }
}
