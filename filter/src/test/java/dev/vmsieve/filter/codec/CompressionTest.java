// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class CompressionTest {
    @ParameterizedTest
    @CsvSource({"0, NONE", "1, ZLIB", "2, LZO", "4, SNAPPY", "0x20, ZSTD", "0x18, NONE", "0x27, ZLIB", "0x26, LZO",
            "0x24, SNAPPY", "0xa, LZO", "0xfffffff8, ZSTD", "0xffffffd8, NONE"})
    void takesTheFirstMethodOfTheFlagsInTheOrderOfReaders(String flags, Compression expected) {
        assertThat(Compression.byFlag((int) (long) Long.decode(flags))).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void makesCodecsThatCarryItsFlag(Compression compression) {
        try (PageCodec codec = compression.newCodec()) {
            assertThat(codec.flag()).isEqualTo(compression.flag());
            assertThat(Compression.byFlag(codec.flag())).isEqualTo(compression);
        }
    }
}
