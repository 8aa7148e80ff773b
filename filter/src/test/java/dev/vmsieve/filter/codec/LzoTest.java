// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

final class LzoTest extends PageCodecContract {
    LzoTest() {
        super(Compression.LZO,
                "02000000000020000000000000000000000000000000da10000c000000000000000000000000000000110000",
                "0361626361626320000000000000000000000000000000da14000b6361626361626361626361626361110000");
    }
}
