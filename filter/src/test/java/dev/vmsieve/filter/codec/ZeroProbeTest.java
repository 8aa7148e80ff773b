// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import dev.vmsieve.fixtures.SamplePages;

/// Pages of zeroes are told from all others, in whatever form they are stored.
class ZeroProbeTest {
    private static boolean isZero(ZeroProbe probe, Compression method, byte[] stored) {
        ByteBuffer data = ByteBuffer.allocateDirect(stored.length + 6);
        data.putShort(0, (short) -1).put(3, stored).putShort(stored.length + 4, (short) -1);
        return probe.isZero(method, data, 3, stored.length);
    }

    @ParameterizedTest
    @EnumSource
    void tellsZeroPagesFromAllSamples(Compression method) {
        for (int pageBytes : new int[]{4096, 16384, 65536}) {
            try (ZeroProbe probe = new ZeroProbe(pageBytes); PageCodec codec = method.newCodec()) {
                for (Map.Entry<String, byte[]> sample : SamplePages.corpus(pageBytes).entrySet()) {
                    DirectPages pages = new DirectPages(codec, sample.getValue());
                    boolean shrinks = pages.compressOnly() != PageCodec.DOES_NOT_SHRINK;
                    byte[] stored = shrinks ? pages.compress() : sample.getValue();
                    Compression as = shrinks ? method : Compression.NONE;
                    assertThat(isZero(probe, as, stored)).as("%s of %d bytes", sample.getKey(), pageBytes)
                            .isEqualTo("zero".equals(sample.getKey()));
                    assertThat(isZero(probe, as, stored)).as("%s of %d bytes, again", sample.getKey(), pageBytes)
                            .isEqualTo("zero".equals(sample.getKey()));
                }
            }
        }
    }

    /// Streams of zlib, liblzo2, libsnappy and libzstd, as makedumpfile writes them.
    @ParameterizedTest
    @CsvSource({
            "ZLIB, 7801edd0010d000000c2a0f74f6d0f0711280c183060c0800103060c183060c08081f7810110000001",
            "LZO, 02000000000020000000000000000000000000000000da10000c000000000000000000000000000000110000",
            "ZSTD, 28b52ffd60000f4d00001000000100fbf70116",
    })
    void knowsTheStreamsOfTheReferenceEncoders(Compression method, String hex) {
        try (ZeroProbe probe = new ZeroProbe(4096)) {
            byte[] stored = HexFormat.of().parseHex(hex);
            assertThat(isZero(probe, method, stored)).isTrue();
            assertThat(isZero(probe, method, stored)).isTrue();
            stored[0] ^= 1;
            assertThat(isZero(probe, method, stored)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void doesNotTakeBrokenStreamsForZero(Compression method) {
        try (ZeroProbe probe = new ZeroProbe(4096)) {
            assertThat(isZero(probe, method, new byte[]{0x5a, 0x5a, 0x5a, 0x5a})).isFalse();
            assertThat(isZero(probe, method, new byte[1])).isFalse();
            assertThat(probe.mayBeZero(method, 4095)).isFalse();
            assertThat(isZero(probe, method, new byte[4095])).isFalse();
        }
    }
}
