// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

final class ZlibTest extends PageCodecContract {
    ZlibTest() {
        super(Compression.ZLIB,
                "7801edd0010d000000c2a0f74f6d0f0711280c183060c0800103060c183060c08081f7810110000001",
                "7801edd0010900000c03a0acdbfa77788f2398c074c1800103060c183060c0800103060c18f83d70f4a0205a");
    }
}
