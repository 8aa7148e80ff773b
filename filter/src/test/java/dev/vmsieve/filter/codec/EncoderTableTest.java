// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.vmsieve.fixtures.SamplePages;

/// The encoders' tables are cleared only once two thousand million bytes have gone by.
final class EncoderTableTest {
    private static final int LARGE_PAGE = 1 << 18;
    private static final int BYTES_LOG = 31;

    @ParameterizedTest
    @EnumSource(names = {"LZO", "ZLIB"})
    void writeTheSameBytesBeforeAndAfterTheTableIsCleared(Compression compression) {
        byte[] page = SamplePages.mixture(LARGE_PAGE, 3);
        byte[] zeros = new byte[LARGE_PAGE];
        try (PageCodec codec = compression.newCodec(); CodecHarness fresh = new CodecHarness(compression)) {
            byte[] expected = fresh.compress(page).orElseThrow();
            DirectPages direct = new DirectPages(codec, zeros);
            DirectPages mixed = new DirectPages(codec, page);
            int pages = 1 << (BYTES_LOG - 18);
            for (int i = 0; i < pages + 8; i++) {
                if (i < 2 || i > pages - 8) {
                    assertThat(mixed.compress()).as("after %d pages", i).isEqualTo(expected);
                } else {
                    direct.compressOnly();
                }
            }
        }
    }
}
