// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/// What two equal files have in common.
///
/// @param crc CRC-32 of all bytes
record Fingerprint(long bytes, long crc) {
    private static final int BLOCK_BYTES = 1 << 16;

    /// That of a file.
    static Fingerprint of(Path file) throws IOException {
        var crc = new CRC32();
        long bytes = 0;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] block = new byte[BLOCK_BYTES];
            for (int count = in.read(block); count > 0; count = in.read(block)) {
                crc.update(block, 0, count);
                bytes += count;
            }
        }
        return new Fingerprint(bytes, crc.getValue());
    }
}
