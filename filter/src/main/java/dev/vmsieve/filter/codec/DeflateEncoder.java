// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.util.zip.Adler32;

/// Writes a page as a zlib stream (RFC 1950), its blocks of whichever kind of deflate (RFC 1951) is smallest.
///
/// One page at a time and nothing streamed: everything about a block is known before its first bit is written, so a page
/// that does not shrink is given up early, and no output is ever moved. Guarded by `PageCodecBenchmark`.
final class DeflateEncoder {
    private static final int HEADER_BYTES = 2;
    private static final int CHECKSUM_BYTES = Integer.BYTES;
    /// Larger pages are cut into parts of a block each, so that codes fit the contents and distances stay in the window.
    private static final int PART_BYTES = 1 << 15;
    private static final int STORED = 0;
    private static final int FIXED = 1;
    private static final int DYNAMIC = 2;
    /// Frequencies of nothing: copying them is quicker than filling, which C1 does one by one.
    private static final int[] NONE = new int[DeflateTables.SYMBOLS];

    private final DeflateMatcher matcher = new DeflateMatcher();
    private final HuffmanCode lengths = new HuffmanCode(0, DeflateTables.LENGTH_SYMBOLS, 15);
    private final HuffmanCode distances = new HuffmanCode(DeflateTables.LENGTH_SYMBOLS, DeflateTables.DISTANCE_SYMBOLS,
            15);
    private final DeflateCodeLengths codeLengths = new DeflateCodeLengths();
    private final int[] frequency = new int[DeflateTables.SYMBOLS];
    private final int[] otherFrequency = new int[DeflateTables.SYMBOLS];
    private final int[] code = new int[DeflateTables.SYMBOLS];
    private final BitWriter bits = new BitWriter();
    private final Adler32 adler = new Adler32();

    /// Bytes the output array must have.
    static int maxBytes(int pageBytes) {
        return pageBytes + Long.BYTES; // a block that would pass the page's size is not begun
    }

    /// Compresses `in[LEAD, LEAD + bytes)` of at least 64 bytes into `out`, of [#maxBytes] and more.
    ///
    /// @return bytes written, or [PageCodec#DOES_NOT_SHRINK]
    int encode(byte[] in, int bytes, byte[] out) {
        out[0] = 0x78; // deflate, window of 32 KiB
        out[1] = 0x01; // fastest level, no dictionary, and the header's own check bits
        bits.start(out, HEADER_BYTES);
        matcher.startPage(bytes);
        int end = DeflateMatcher.LEAD + bytes;
        for (int from = DeflateMatcher.LEAD; from < end; from += PART_BYTES) {
            int partEnd = Math.min(end, from + PART_BYTES);
            if (!block(in, from, partEnd, partEnd == end, bytes - CHECKSUM_BYTES)) {
                return PageCodec.DOES_NOT_SHRINK;
            }
        }
        int op = bits.finish();
        adler.reset();
        adler.update(in, DeflateMatcher.LEAD, bytes);
        int sum = (int) adler.getValue();
        out[op] = (byte) (sum >>> 24);
        out[op + 1] = (byte) (sum >>> 16);
        out[op + 2] = (byte) (sum >>> 8);
        out[op + 3] = (byte) sum;
        return op + CHECKSUM_BYTES;
    }

    /// Writes one block, unless output would then not be below `room` bytes.
    private boolean block(byte[] in, int from, int end, boolean last, int room) {
        int count = matcher.parse(in, from, end);
        int[] items = matcher.items;
        items[count++] = DeflateTables.END_OF_BLOCK;
        int extraBits = countSymbols(items, count);
        int storedBits = bits.storedBits(end - from);
        if (looksRandom(count, end - from)) {
            return store(in, from, end, last, storedBits, room);
        }
        int dynamicBits = extraBits + lengths.build(frequency, code) + distances.build(frequency, code)
                + codeLengths.prepare(code);
        int fixedBits = extraBits + weighFixed();
        int least = Math.min(fixedBits, dynamicBits);
        if (storedBits < least + 3) {
            return store(in, from, end, last, storedBits, room);
        }
        if (bits.bytesAfter(least + 3) >= room) {
            return false;
        }
        boolean dynamic = dynamicBits < fixedBits;
        bits.put((last ? 1 : 0) | (dynamic ? DYNAMIC : FIXED) << 1, 3);
        if (dynamic) {
            codeLengths.write(bits);
        }
        bits.putItems(items, count, dynamic ? code : DeflateTables.FIXED_CODE);
        return true;
    }

    private boolean store(byte[] in, int from, int end, boolean last, int storedBits, int room) {
        if (bits.bytesAfter(storedBits) >= room) {
            return false;
        }
        bits.put((last ? 1 : 0) | STORED << 1, 3);
        bits.putStored(in, from, end);
        return true;
    }

    /// Counts into two tables by turns: equal symbols that follow each other would wait for one another.
    ///
    /// @return bits that the items have beside their codes
    private int countSymbols(int[] items, int count) {
        int[] even = frequency;
        int[] odd = otherFrequency;
        System.arraycopy(NONE, 0, even, 0, NONE.length);
        System.arraycopy(NONE, 0, odd, 0, NONE.length);
        int extraBits = 0;
        items[count] = 0; // makes the number even; counted off again
        for (int i = 0; i < count; i += 2) {
            int a = items[i];
            int b = items[i + 1];
            even[a & DeflateTables.SYMBOL_MASK]++;
            odd[b & DeflateTables.SYMBOL_MASK]++;
            extraBits += (a >> DeflateTables.BITS_SHIFT & DeflateTables.BITS_MASK)
                    + (b >> DeflateTables.BITS_SHIFT & DeflateTables.BITS_MASK);
        }
        odd[0] -= count & 1;
        for (int i = 0; i < even.length; i++) {
            even[i] += odd[i];
        }
        return extraBits;
    }

    /// Bits of all symbols with the codes that need no description.
    private int weighFixed() {
        final int[] frequency = this.frequency;
        final int[] codes = DeflateTables.FIXED_CODE;
        int sum = 0;
        for (int i = 0; i < codes.length; i++) {
            sum += frequency[i] * (codes[i] >>> 16);
        }
        return sum;
    }

    /// Whether nearly all are literals and all bytes nearly as frequent: no code can then make up for its own description.
    ///
    /// The sum of squares of equal frequencies is n²/256; that of random bytes lies n above. Up to 10 % more count as random.
    private boolean looksRandom(int items, int bytes) {
        int nearlyAll = bytes - bytes / 64;
        if (items <= nearlyAll) {
            return false; // and so are the literals among them
        }
        long squares = 0;
        int literals = 0;
        for (int i = 0; i < DeflateTables.END_OF_BLOCK; i++) {
            literals += frequency[i];
            squares += (long) frequency[i] * frequency[i];
        }
        return literals > nearlyAll && squares < bytes + (long) bytes * bytes / 256 * 11 / 10;
    }
}
