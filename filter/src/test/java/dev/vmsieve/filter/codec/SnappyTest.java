// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

final class SnappyTest extends PageCodecContract {
    SnappyTest() {
        super(Compression.SNAPPY,
                "80200000" + "fe0100".repeat(63) + "fa0100",
                "802008616263" + "fe0300".repeat(63) + "f20300");
    }
}
