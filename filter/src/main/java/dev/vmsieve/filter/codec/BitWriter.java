// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Writes the bits of a deflate stream, lowest first, by whole words: the array has eight bytes to spare.
final class BitWriter {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int STORED_HEADER_BYTES = 4;

    private byte[] out = {};
    private int op;
    private long buffer; // bits not yet in whole bytes of the output
    private int count; // how many, below 8 between calls

    void start(byte[] target, int offset) {
        out = target;
        op = offset;
        buffer = 0;
        count = 0;
    }

    /// Where the output ends once that many bits more are written.
    int bytesAfter(int moreBits) {
        return op + ((count + moreBits + 7) >>> 3);
    }

    /// Up to 32 bits; those of the value above them are zero.
    void put(int value, int bits) {
        buffer |= (value & 0xffffffffL) << count;
        count += bits;
        LONG.set(out, op, buffer);
        op += count >>> 3;
        buffer >>>= count & ~7;
        count &= 7;
    }

    /// Writes items of [DeflateTables] with these codes; `items[number]` must exist and is overwritten.
    ///
    /// Two at a time: an item has at most 28 bits (the longest code and the most extra bits of a distance), so two and
    /// what is left of a byte fit a word. Nothing branches on what the items are.
    void putItems(int[] items, int number, int[] code) {
        final byte[] out = this.out;
        int op = this.op;
        long buffer = this.buffer;
        int count = this.count;
        int even = number & ~1;
        for (int i = 0; i < even; i += 2) {
            int a = items[i];
            int b = items[i + 1];
            int aCode = code[a & DeflateTables.SYMBOL_MASK];
            int bCode = code[b & DeflateTables.SYMBOL_MASK];
            int aBits = (aCode >>> 16) + (a >> DeflateTables.BITS_SHIFT & DeflateTables.BITS_MASK);
            int bBits = (bCode >>> 16) + (b >> DeflateTables.BITS_SHIFT & DeflateTables.BITS_MASK);
            long aValue = (aCode & 0xffff) | (a >>> DeflateTables.EXTRA_SHIFT) << (aCode >>> 16);
            long bValue = (bCode & 0xffff) | (b >>> DeflateTables.EXTRA_SHIFT) << (bCode >>> 16);
            buffer |= (aValue | bValue << aBits) << count;
            count += aBits + bBits;
            LONG.set(out, op, buffer);
            op += count >>> 3;
            buffer >>>= count & ~7;
            count &= 7;
        }
        this.op = op;
        this.buffer = buffer;
        this.count = count;
        if (even < number) {
            putItem(items[even], code);
        }
    }

    private void putItem(int item, int[] code) {
        int itemCode = code[item & DeflateTables.SYMBOL_MASK];
        put(itemCode & 0xffff, itemCode >>> 16);
        put(item >>> DeflateTables.EXTRA_SHIFT, item >> DeflateTables.BITS_SHIFT & DeflateTables.BITS_MASK);
    }

    /// Bits of a stored block with its header, alignment included.
    int storedBits(int bytes) {
        int header = (count + 3 + 7) & ~7;
        return header - count + (STORED_HEADER_BYTES + bytes) * 8;
    }

    /// Writes the rest of a stored block, whose first three bits are written.
    void putStored(byte[] in, int from, int end) {
        int bytes = end - from;
        op = finish();
        buffer = 0;
        count = 0;
        put(bytes | ~bytes << 16, 32);
        System.arraycopy(in, from, out, op, bytes);
        op += bytes;
    }

    /// Fills up the last byte; returns where the output ends.
    int finish() {
        return count == 0 ? op : op + 1;
    }
}
