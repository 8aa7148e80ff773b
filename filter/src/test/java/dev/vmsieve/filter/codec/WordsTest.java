// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

class WordsTest {
    @Test
    void tellsHowManyBytesAreEqual() {
        SplittableRandom random = new SplittableRandom(5);
        for (int bit = 0; bit < Long.SIZE; bit++) {
            long lowest = 1L << bit;
            assertThat(Words.equalBytes(lowest)).as("bit %d", bit).isEqualTo(bit / 8);
            for (int i = 0; i < 100; i++) {
                long difference = lowest | (random.nextLong() & -lowest);
                assertThat(Words.equalBytes(difference)).as("%x", difference).isEqualTo(bit / 8);
            }
        }
    }
}
