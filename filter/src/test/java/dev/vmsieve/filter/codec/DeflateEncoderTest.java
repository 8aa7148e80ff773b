// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.zip.Deflater;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.fixtures.SamplePages;

/// The kinds of blocks, and how much they take beside zlib's fastest level.
final class DeflateEncoderTest {
    private static final int PART_BYTES = 32768;

    @Test
    void startsAsZlibAtItsFastestLevelDoes() {
        assertThat(compress(SamplePages.text(4096, 1))).startsWith(0x78, 0x01);
    }

    @Test
    void takesTheFixedCodesWhereOwnOnesDoNotPay() {
        byte[] stream = compress(new byte[512]);
        assertThat(stream[2] & 7).as("last block, fixed codes").isEqualTo(0b011);
        assertThat(stream).hasSizeLessThan(20);
    }

    @Test
    void takesOwnCodesForText() {
        assertThat(compress(SamplePages.text(4096, 1))[2] & 7).as("last block, dynamic codes").isEqualTo(0b101);
    }

    @Test
    void storesTheNoisyPartOfALargePage() throws CorruptDumpException {
        for (int noisyPart = 0; noisyPart < 2; noisyPart++) {
            byte[] page = SamplePages.text(2 * PART_BYTES, 1);
            System.arraycopy(SamplePages.noise(PART_BYTES, 2), 0, page, noisyPart * PART_BYTES, PART_BYTES);
            byte[] stream = compress(page);
            assertThat(stream.length).isLessThan(PART_BYTES + PART_BYTES / 2);
            assertRoundTrip(stream, page);
        }
    }

    @Test
    void storesAPartAtEachPlaceInAByte() throws CorruptDumpException {
        for (int zeros = 0; zeros < 64; zeros++) {
            byte[] page = SamplePages.noise(2 * PART_BYTES, 5);
            System.arraycopy(SamplePages.text(PART_BYTES, zeros), 0, page, 0, PART_BYTES - zeros);
            assertRoundTrip(compress(page), page);
        }
    }

    @Test
    void reachesNoFartherBackThanTheWindow() throws CorruptDumpException {
        byte[] page = new byte[8 * PART_BYTES];
        byte[] noise = SamplePages.noise(PART_BYTES + 5, 8); // its repetition is 5 bytes too far away
        for (int at = 0; at < page.length; at++) {
            page[at] = at % 512 < 64 ? 0 : noise[at % noise.length];
        }
        assertRoundTrip(compress(page), page);
    }

    @Test
    void isAtMostThreePercentLargerThanZlibAtItsFastestLevel() {
        long own = 0;
        long zlib = 0;
        Deflater deflater = new Deflater(1);
        byte[] out = new byte[8192];
        for (int seed = 0; seed < 500; seed++) {
            byte[] page = SamplePages.mixture(4096, 7000 + seed);
            deflater.reset();
            deflater.setInput(page);
            deflater.finish();
            zlib += Math.min(page.length, deflater.deflate(out));
            own += compress(page).length;
        }
        deflater.end();
        assertThat((double) own / zlib).as("own bytes by zlib's").isLessThan(1.03);
    }

    private static byte[] compress(byte[] page) {
        try (CodecHarness codec = new CodecHarness(Compression.ZLIB)) {
            return codec.compress(page).orElse(page);
        }
    }

    private static void assertRoundTrip(byte[] stream, byte[] page) throws CorruptDumpException {
        try (CodecHarness codec = new CodecHarness(Compression.ZLIB)) {
            assertThat(Arrays.equals(codec.decompress(stream, page.length), page)).as("the same page").isTrue();
        }
    }
}
