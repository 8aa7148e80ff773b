// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.util.Arrays;

/// The description of a dynamic block's codes (RFC 1951, section 3.2.7): their lengths, run-length and Huffman coded.
final class DeflateCodeLengths {
    private static final int SYMBOLS = 19;
    private static final int REPEAT = 16; // the last length 3 to 6 times
    private static final int ZEROS = 17; // 3 to 10
    private static final int MANY_ZEROS = 18; // 11 to 138
    private static final int[] ORDER = {REPEAT, ZEROS, MANY_ZEROS, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1,
            15};
    private static final int MIN_LENGTHS = 257;
    private static final int MIN_ORDER = 4;

    private final HuffmanCode huffman = new HuffmanCode(0, SYMBOLS, 7);
    private final int[] frequency = new int[SYMBOLS];
    private final int[] code = new int[SYMBOLS];
    /// The coded lengths as items of [DeflateTables], and room for [BitWriter#putItems].
    private final int[] items = new int[DeflateTables.SYMBOLS + 1];
    private int count;
    private int lengthCodes;
    private int distanceCodes;
    private int orders;

    /// Codes the lengths of these codes.
    ///
    /// @return bits the description takes
    int prepare(int[] codes) {
        Arrays.fill(frequency, 0);
        count = 0;
        lengthCodes = lastUsed(codes, DeflateTables.LENGTH_SYMBOLS, MIN_LENGTHS);
        distanceCodes = lastUsed(codes, DeflateTables.SYMBOLS, DeflateTables.LENGTH_SYMBOLS + 1)
                - DeflateTables.LENGTH_SYMBOLS;
        addRuns(codes, 0, lengthCodes);
        addRuns(codes, DeflateTables.LENGTH_SYMBOLS, DeflateTables.LENGTH_SYMBOLS + distanceCodes);
        int bits = 5 + 5 + 4 + countSymbols();
        bits += huffman.build(frequency, code);
        orders = SYMBOLS;
        while (orders > MIN_ORDER && code[ORDER[orders - 1]] == 0) {
            orders--;
        }
        return bits + 3 * orders;
    }

    /// @return bits that the items have beside their codes
    private int countSymbols() {
        final int[] items = this.items;
        final int[] frequency = this.frequency;
        final int count = this.count;
        int extraBits = 0;
        for (int i = 0; i < count; i++) {
            int item = items[i];
            frequency[item & DeflateTables.SYMBOL_MASK]++;
            extraBits += item >> DeflateTables.BITS_SHIFT & DeflateTables.BITS_MASK;
        }
        return extraBits;
    }

    void write(BitWriter bits) {
        bits.put(lengthCodes - MIN_LENGTHS, 5);
        bits.put(distanceCodes - 1, 5);
        bits.put(orders - MIN_ORDER, 4);
        for (int i = 0; i < orders; i++) {
            bits.put(code[ORDER[i]] >>> 16, 3);
        }
        bits.putItems(items, count, code);
    }

    private static int lastUsed(int[] codes, int end, int least) {
        int last = end;
        while (last > least && codes[last - 1] == 0) {
            last--;
        }
        return last;
    }

    private void addRuns(int[] codes, int from, int to) {
        int at = from;
        while (at < to) {
            int length = codes[at] >>> 16;
            int end = at + 1;
            while (end < to && codes[end] >>> 16 == length) {
                end++;
            }
            if (length == 0) {
                addZeros(end - at);
            } else {
                addRepeated(length, end - at);
            }
            at = end;
        }
    }

    private void addZeros(int run) {
        int rest = run;
        while (rest >= 3) {
            int part = Math.min(rest, 138);
            items[count++] = part <= 10
                    ? ZEROS | 3 << DeflateTables.BITS_SHIFT | (part - 3) << DeflateTables.EXTRA_SHIFT
                    : MANY_ZEROS | 7 << DeflateTables.BITS_SHIFT | (part - 11) << DeflateTables.EXTRA_SHIFT;
            rest -= part;
        }
        addSingly(0, rest);
    }

    private void addRepeated(int length, int run) {
        items[count++] = length;
        int rest = run - 1;
        while (rest >= 3) {
            int part = Math.min(rest, 6);
            items[count++] = REPEAT | 2 << DeflateTables.BITS_SHIFT | (part - 3) << DeflateTables.EXTRA_SHIFT;
            rest -= part;
        }
        addSingly(length, rest);
    }

    private void addSingly(int length, int times) {
        for (int i = 0; i < times; i++) {
            items[count++] = length;
        }
    }
}
