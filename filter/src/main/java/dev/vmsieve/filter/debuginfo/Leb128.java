// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;

/// Reads numbers of variable length, seven bits a byte, the lowest first (DWARF 5, section 7.6). Bits beyond the 64th are
/// dropped.
///
/// @param <E> what goes wrong when there are no more bytes
interface Leb128<E extends IOException> {
    /// The next byte, 0 to 255.
    int u8() throws E;

    /// The next unsigned number.
    default long unsigned() throws E {
        long value = 0;
        int b = 0x80;
        for (int shift = 0; (b & 0x80) != 0; shift += 7) {
            b = u8();
            value |= shift < Long.SIZE ? (long) (b & 0x7f) << shift : 0;
        }
        return value;
    }

    /// The next signed number.
    default long signed() throws E {
        long value = 0;
        int b = 0x80;
        int shift = 0;
        for (; (b & 0x80) != 0; shift += 7) {
            b = u8();
            value |= shift < Long.SIZE ? (long) (b & 0x7f) << shift : 0;
        }
        return shift < Long.SIZE && (b & 0x40) != 0 ? value | -1L << shift : value;
    }
}
