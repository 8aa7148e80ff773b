// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

final class ZstdTest extends PageCodecContract {
    ZstdTest() {
        super(Compression.ZSTD,
                "28b52ffd60000f4d00001000000100fbf70116",
                "28b52ffd60000f550000186162630100fad77743");
    }
}
