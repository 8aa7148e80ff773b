// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

/// The symbols of deflate (RFC 1951, section 3.2.5 and 3.2.6), and items made of them.
///
/// An *item* is one symbol and its extra bits in an `int`: the symbol in bits 0 to 8, the number of extra bits in 9 to 12,
/// their value from bit 13 on. Distance symbols are counted on from the literals and lengths, so that one table of codes
/// and one loop serve literals, lengths and distances alike.
final class DeflateTables {
    static final int MIN_LENGTH = 3;
    static final int MAX_LENGTH = 258;
    static final int MAX_DISTANCE = 32768;
    static final int END_OF_BLOCK = 256;
    static final int LENGTH_SYMBOLS = 286; // literals, end of block, lengths
    static final int DISTANCE_SYMBOLS = 30;
    static final int SYMBOLS = LENGTH_SYMBOLS + DISTANCE_SYMBOLS;
    static final int SYMBOL_MASK = 0x1ff;
    static final int BITS_SHIFT = 9;
    static final int BITS_MASK = 15;
    static final int EXTRA_SHIFT = 13;

    /// The item of each length less 3.
    static final int[] LENGTH = lengths();
    /// The codes that need no description in the stream, by symbol, as [HuffmanCode#entry] makes them.
    static final int[] FIXED_CODE = fixedCode();

    private static final int NEAR = 256;
    /// Items of distances less one: below 256 each, then in steps of 128; the extra bits' value is left out.
    private static final int[] DISTANCE = distances();

    private DeflateTables() {}

    /// The item of a distance less one.
    static int distance(int d) {
        int item = DISTANCE[d < NEAR ? d : NEAR + (d >> 7)];
        int bits = item >> BITS_SHIFT;
        return item | (d & ((1 << bits) - 1)) << EXTRA_SHIFT; // each symbol starts at a multiple of its range
    }

    private static int[] lengths() {
        int[] table = new int[MAX_LENGTH - MIN_LENGTH + 1];
        int length = 0;
        for (int symbol = END_OF_BLOCK + 1; symbol < LENGTH_SYMBOLS - 1; symbol++) {
            int bits = symbol < 265 ? 0 : (symbol - 261) / 4;
            for (int extra = 0; extra < 1 << bits && length < table.length; extra++) {
                table[length++] = symbol | bits << BITS_SHIFT | extra << EXTRA_SHIFT;
            }
        }
        table[MAX_LENGTH - MIN_LENGTH] = LENGTH_SYMBOLS - 1; // has a symbol of its own, without extra bits
        return table;
    }

    private static int[] distances() {
        int[] table = new int[2 * NEAR];
        int d = 0;
        for (int symbol = 0; symbol < DISTANCE_SYMBOLS; symbol++) {
            int bits = symbol < 4 ? 0 : symbol / 2 - 1;
            for (int end = d + (1 << bits); d < end; d += d < NEAR ? 1 : 128) {
                table[d < NEAR ? d : NEAR + (d >> 7)] = (LENGTH_SYMBOLS + symbol) | bits << BITS_SHIFT;
            }
        }
        return table;
    }

    private static int[] fixedCode() {
        int[] code = new int[SYMBOLS];
        for (int symbol = 0; symbol < SYMBOLS; symbol++) {
            if (symbol < 144) {
                code[symbol] = HuffmanCode.entry(0x30 + symbol, 8);
            } else if (symbol < 256) {
                code[symbol] = HuffmanCode.entry(0x190 + symbol - 144, 9);
            } else if (symbol < 280) {
                code[symbol] = HuffmanCode.entry(symbol - 256, 7);
            } else if (symbol < LENGTH_SYMBOLS) {
                code[symbol] = HuffmanCode.entry(0xc0 + symbol - 280, 8);
            } else {
                code[symbol] = HuffmanCode.entry(symbol - LENGTH_SYMBOLS, 5);
            }
        }
        return code;
    }
}
