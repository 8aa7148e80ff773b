// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.fixtures.SamplePages;

/// Snappy's instructions, each as LZO says it.
final class LzoTranscoderTest {
    @ParameterizedTest
    @CsvSource({
            "4 literals,                                 04 0c61626364, 15 61626364 110000",
            "61 literals by a byte,                      3d f03c 61*61, 4e 61*61 110000",
            "257 literals by two bytes,                  8102 f40001 61*257, 00ef 61*257 110000",
            "4 bytes of distance 1,                      05 0061 0101, 12 61 6000 110000",
            "8 bytes of distance 2,                      0a 046162 1102, 13 6162 e400 110000",
            "9 bytes of distance 2,                      0b 046162 1502, 13 6162 270400 110000",
            "three literals behind a match,              08 0061 0101 08626364, 12 61 6300 626364 110000",
            "four literals behind a match,               09 0061 0101 0c62636465, 12 61 6000 01 62636465 110000",
            "a far copy whose distance is near,          05 0061 0e0100, 12 61 6000 110000",
            "33 bytes in one instruction,                22 0061 820100, 12 61 3f0000 110000",
            "34 bytes by an extension,                   23 0061 860100, 12 61 20010000 110000",
            "a match cut in two,                         5b 0061 fe0100 660100, 12 61 20390000 110000",
            "a match cut in two whose end is near,       49 0061 fe0100 1101, 12 61 20270000 110000",
            "a match cut in three,                       9501 0061 fe0100 fe0100 4e0100, 12 61 20730000 110000",
            "matches of two distances stay two,          47 046162 fe0100 0502, 13 6162 201f0000 8400 110000"})
    void saysTheSame(String name, String snappy, String lzo) throws CorruptDumpException {
        byte[] block = bytes(snappy);
        byte[] out = transcode(block);
        assertThat(HexFormat.of().formatHex(out)).as(name).isEqualTo(HexFormat.of().formatHex(bytes(lzo)));
        int pageBytes = block[0] < 0 ? (block[0] & 0x7f) | block[1] << 7 : block[0];
        byte[] page = new byte[pageBytes];
        new LzoDecoder().decode(out, out.length, page, pageBytes);
        try (CodecHarness reference = new CodecHarness(Compression.SNAPPY)) {
            assertThat(page).as(name).isEqualTo(reference.decompress(block, pageBytes));
        }
    }

    @ParameterizedTest
    @CsvSource({"literals twice in a row, 08 0c61626364 0c61626364", "a distance of four bytes, 05 0061 0f01000000",
            "a literal count of three bytes, 05 f804000061626364 65"})
    void givesUpWhatLibsnappyDoesNotWrite(String name, String snappy) {
        byte[] block = bytes(snappy);
        assertThat(LzoTranscoder.encode(padded(block), block.length, new byte[256])).as(name)
                .isEqualTo(PageCodec.DOES_NOT_SHRINK);
    }

    @Test
    void leavesLargePagesAndPlatformsWithoutSnappyToTheOwnEncoder() throws CorruptDumpException {
        try (CodecHarness with = new CodecHarness(new Lzo(true));
                CodecHarness without = new CodecHarness(new Lzo(false))) {
            int different = 0;
            for (int seed = 0; seed < 50; seed++) {
                byte[] large = SamplePages.mixture(2 * LzoTranscoder.MOST_BYTES, seed);
                assertThat(with.compress(large)).usingRecursiveComparison().isEqualTo(without.compress(large));
                byte[] page = SamplePages.mixture(4096, seed);
                Optional<byte[]> own = without.compress(page);
                if (own.isPresent()) {
                    assertThat(with.decompress(own.get(), page.length)).isEqualTo(page);
                    different += Arrays.equals(own.get(), with.compress(page).orElseThrow()) ? 0 : 1;
                }
            }
            assertThat(different).isPositive();
        }
    }

    private static byte[] transcode(byte[] block) {
        byte[] out = new byte[LzoEncoder.maxBytes(4096)];
        return Arrays.copyOf(out, LzoTranscoder.encode(padded(block), block.length, out));
    }

    private static byte[] padded(byte[] block) {
        return Arrays.copyOf(block, block.length + LzoTranscoder.SLACK);
    }

    /// Hexadecimal bytes; "61*9" stands for nine of them.
    private static byte[] bytes(String text) {
        StringBuilder digits = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            int times = word.indexOf('*');
            digits.append(
                    times < 0 ? word : word.substring(0, times).repeat(Integer.parseInt(word.substring(times + 1))));
        }
        return HexFormat.of().parseHex(digits);
    }
}
