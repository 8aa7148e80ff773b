// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

final class HuffmanCodeTest {
    private static final int SYMBOLS = 286;
    private static final int FIRST = 5; // the code's range lies inside its tables

    @Test
    void isCompleteAndAsShortAsAnyCode() {
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int[] frequency = new int[FIRST + SYMBOLS];
            for (int i = random.nextInt(2, SYMBOLS); i > 0; i--) {
                frequency[FIRST + random.nextInt(SYMBOLS)] = 1 + random.nextInt(1 << random.nextInt(10));
            }
            int[] code = build(frequency, 15);
            assertThat(kraftSum(code, 15)).as("code space of seed %d", seed).isEqualTo(1 << 15);
            assertThat(bits(frequency, code)).as("bits of seed %d", seed).isEqualTo(leastBits(frequency));
        }
    }

    @Test
    void keepsCodesWithinTheLargestLength() {
        int[] frequency = new int[FIRST + SYMBOLS];
        int previous = 1;
        int current = 1;
        for (int i = 0; i < 28; i++) { // Fibonacci numbers: without the limit the longest code has 27 bits
            frequency[FIRST + i * 7] = current;
            int next = previous + current;
            previous = current;
            current = next;
        }
        for (int maxLength : new int[]{5, 7, 15}) {
            int[] code = build(frequency.clone(), maxLength);
            assertThat(Arrays.stream(code).map(entry -> entry >>> 16).max().orElseThrow()).isEqualTo(maxLength);
            assertThat(kraftSum(code, maxLength)).isEqualTo(1 << maxLength);
        }
    }

    @Test
    void givesTwoSymbolsACodeWhereNoneOrOneOccurs() {
        int[] none = new int[FIRST + SYMBOLS];
        assertThat(kraftSum(build(none, 15), 15)).isEqualTo(1 << 15);
        int[] one = new int[FIRST + SYMBOLS];
        one[FIRST + 9] = 4;
        int[] code = build(one, 15);
        assertThat(kraftSum(code, 15)).isEqualTo(1 << 15);
        assertThat(code[FIRST + 9] >>> 16).isEqualTo(1);
    }

    @Test
    void numbersCodesOfALengthBySymbol() {
        int[] frequency = new int[FIRST + SYMBOLS];
        // the example of RFC 1951, section 3.2.2: lengths 3 3 3 3 3 2 4 4 for A to H
        int[] weights = {4, 4, 4, 4, 4, 9, 2, 2};
        System.arraycopy(weights, 0, frequency, FIRST, weights.length);
        int[] code = build(frequency, 15);
        String[] expected = {"010", "011", "100", "101", "110", "00", "1110", "1111"};
        for (int i = 0; i < expected.length; i++) {
            int length = expected[i].length();
            assertThat(code[FIRST + i] >>> 16).as("length of symbol %d", i).isEqualTo(length);
            assertThat(code[FIRST + i] & 0xffff).as("bits of symbol %d", i)
                    .isEqualTo(Integer.parseInt(new StringBuilder(expected[i]).reverse().toString(), 2));
        }
    }

    private static int[] build(int[] frequency, int maxLength) {
        int[] code = new int[FIRST + SYMBOLS];
        new HuffmanCode(FIRST, SYMBOLS, maxLength).build(frequency, code);
        return code;
    }

    private static int kraftSum(int[] code, int maxLength) {
        int sum = 0;
        for (int entry : code) {
            sum += entry == 0 ? 0 : 1 << (maxLength - (entry >>> 16));
        }
        return sum;
    }

    private static long bits(int[] frequency, int[] code) {
        long bits = 0;
        for (int i = 0; i < code.length; i++) {
            bits += (long) frequency[i] * (code[i] >>> 16);
        }
        return bits;
    }

    /// By the textbook: the sum of the weights of all inner nodes.
    private static long leastBits(int[] frequency) {
        PriorityQueue<Long> weights = new PriorityQueue<>();
        for (int f : frequency) {
            if (f > 0) {
                weights.add((long) f);
            }
        }
        long bits = 0;
        while (weights.size() > 1) {
            long joined = weights.remove() + weights.remove();
            bits += joined;
            weights.add(joined);
        }
        return bits;
    }
}
