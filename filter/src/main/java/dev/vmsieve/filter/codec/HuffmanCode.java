// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.util.Arrays;

/// Makes one Huffman code of deflate: from the symbols' frequencies to their lengths and bits.
///
/// Exact, not approximate: the symbols are sorted by frequency, and two queues build the tree in one pass. A code has at
/// least two symbols, since readers reject most codes of one. Codes lie in a table that several share, each in its range.
/// Its loops are free of branches that depend on the data, as each page needs three codes.
final class HuffmanCode {
    private static final int SMALL = 64; // frequencies below are sorted by counting, the few others by comparing
    private static final int SYMBOL_BITS = 9;
    private static final int SYMBOL_MASK = (1 << SYMBOL_BITS) - 1;
    /// The bits of each byte in reverse: C1 has no quick way.
    private static final int[] REVERSED = reversed();

    private final int first; // place of symbol 0 in the tables
    private final int symbols;
    private final int maxLength;
    private final int[] used; // frequency and symbol of each used symbol
    private final int[] sorted; // the same, rising, and a sentinel
    private final int[] weight; // of the tree's inner nodes, and a sentinel
    private final int[] parent; // inner node above each leaf, and from place `leaves` on above each inner node
    private final int[] depth; // of the inner nodes
    private final int[] unused; // zeros: copying them is quicker than filling, which C1 does one by one
    private final int[] smallCount = new int[SMALL + 1];
    private final int[] lengthCount = new int[17];
    private final int[] nextCode = new int[17];

    /// @param first place of the code's symbol 0 in the tables of frequencies and codes
    HuffmanCode(int first, int symbols, int maxLength) {
        this.first = first;
        this.symbols = symbols;
        this.maxLength = maxLength;
        used = new int[symbols + 1];
        sorted = new int[symbols + 1];
        weight = new int[symbols + 1];
        parent = new int[2 * symbols];
        depth = new int[symbols];
        unused = new int[symbols];
    }

    /// An entry of a table of codes: the bits as they go to the stream (first bit lowest), and from bit 16 on the length.
    static int entry(int code, int length) {
        int bits = REVERSED[code & 0xff] << 8 | REVERSED[code >>> 8];
        return bits >>> (Short.SIZE - length) | length << 16;
    }

    private static int[] reversed() {
        int[] table = new int[256];
        for (int i = 0; i < table.length; i++) {
            table[i] = Integer.reverse(i) >>> (Integer.SIZE - Byte.SIZE);
        }
        return table;
    }

    /// Makes the codes of this range from the frequencies; symbols that do not occur have the entry 0.
    ///
    /// @return bits that all of the symbols take
    int build(int[] frequency, int[] code) {
        int leaves = collect(frequency);
        for (int symbol = 0; leaves < 2; symbol++) {
            frequency[first + symbol] = Math.max(frequency[first + symbol], 1);
            leaves = collect(frequency);
        }
        sort(leaves);
        buildTree(leaves);
        countLengths(leaves);
        return assign(code, leaves);
    }

    private int collect(int[] frequency) {
        final int[] used = this.used; // here and below: C1 would load a field again each time round
        final int first = this.first;
        final int symbols = this.symbols;
        int count = 0;
        for (int symbol = 0; symbol < symbols; symbol++) {
            int f = frequency[first + symbol];
            used[count] = f << SYMBOL_BITS | symbol;
            count += -f >>> 31; // 1 if it occurs
        }
        return count;
    }

    private void sort(int leaves) {
        final int[] used = this.used;
        final int[] sorted = this.sorted;
        final int[] place = smallCount;
        Arrays.fill(place, 0);
        for (int i = 0; i < leaves; i++) {
            place[Math.min(used[i] >>> SYMBOL_BITS, SMALL)]++;
        }
        int large = place[SMALL];
        int next = 0;
        for (int f = 0; f <= SMALL; f++) {
            int n = place[f];
            place[f] = next;
            next += n;
        }
        for (int i = 0; i < leaves; i++) {
            sorted[place[Math.min(used[i] >>> SYMBOL_BITS, SMALL)]++] = used[i];
        }
        if (large > 1) {
            Arrays.sort(sorted, leaves - large, leaves);
        }
        sorted[leaves] = Integer.MAX_VALUE;
    }

    /// Joins the two lightest of leaves and inner nodes until one is left; both queues are sorted by themselves.
    private void buildTree(int leaves) {
        final int[] sorted = this.sorted;
        final int[] weight = this.weight;
        final int[] parent = this.parent;
        int leaf = 0;
        int node = 0;
        weight[0] = Integer.MAX_VALUE;
        for (int made = 0; made < leaves - 1; made++) {
            int sum = 0;
            for (int side = 0; side < 2; side++) {
                int leafWeight = sorted[leaf] >>> SYMBOL_BITS;
                int nodeWeight = weight[node];
                int takeNode = (nodeWeight - leafWeight) >> 31; // -1 or 0
                parent[leaf + ((leaves + node - leaf) & takeNode)] = made;
                sum += Math.min(leafWeight, nodeWeight);
                leaf += 1 + takeNode;
                node -= takeNode;
            }
            weight[made] = sum;
            weight[made + 1] = Integer.MAX_VALUE;
        }
    }

    private void countLengths(int leaves) {
        final int[] parent = this.parent;
        final int[] depth = this.depth;
        final int[] lengthCount = this.lengthCount;
        final int maxLength = this.maxLength;
        Arrays.fill(lengthCount, 0);
        depth[leaves - 2] = 0;
        for (int i = leaves - 3; i >= 0; i--) {
            depth[i] = depth[parent[leaves + i]] + 1;
        }
        for (int i = 0; i < leaves; i++) {
            lengthCount[Math.min(depth[parent[i]] + 1, maxLength)]++;
        }
        int sum = 0;
        for (int length = 1; length <= maxLength; length++) {
            sum += lengthCount[length] << (maxLength - length);
        }
        makeRoom(sum);
    }

    /// Where leaves were cut to the largest length, makes others longer until all codes fit side by side.
    private void makeRoom(int sum) {
        for (int over = sum - (1 << maxLength); over > 0; over--) {
            int length = maxLength - 1;
            while (lengthCount[length] == 0) {
                length--;
            }
            lengthCount[length]--;
            lengthCount[length + 1] += 2; // itself, and one of the longest beside it
            lengthCount[maxLength]--;
        }
    }

    /// Gives the longest codes to the rarest symbols, then numbers the codes of each length by symbol.
    private int assign(int[] code, int leaves) {
        final int[] used = this.used;
        final int[] nextCode = this.nextCode;
        final int first = this.first;
        int next = 0;
        for (int length = 1; length <= maxLength; length++) {
            next = (next + lengthCount[length - 1]) << 1;
            nextCode[length] = next;
        }
        System.arraycopy(unused, 0, code, first, symbols);
        setLengths(code);
        int bits = 0;
        for (int i = 0; i < leaves; i++) { // in the order of the symbols
            int symbol = first + (used[i] & SYMBOL_MASK);
            int length = code[symbol];
            bits += (used[i] >>> SYMBOL_BITS) * length;
            code[symbol] = entry(nextCode[length]++, length);
        }
        return bits;
    }

    private void setLengths(int[] code) {
        final int[] sorted = this.sorted;
        final int first = this.first;
        int rank = 0;
        for (int length = maxLength; length > 0; length--) {
            for (int end = rank + lengthCount[length]; rank < end; rank++) {
                code[first + (sorted[rank] & SYMBOL_MASK)] = length;
            }
        }
    }
}
