// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.util.HexFormat;
import java.util.Optional;

/// How a file is compressed as a whole, by its first bytes.
public enum Packing {
    /// gzip, RFC 1952.
    GZIP("gzip", "1f8b08"),
    /// xz.
    XZ("xz", "fd377a585a00"),
    /// Zstandard, RFC 8878.
    ZSTD("zstd", "28b52ffd"),
    /// LZ4 frames.
    LZ4("lz4", "04224d18"),
    /// bzip2; the digit after these is the size of its blocks.
    BZIP2("bzip2", "425a68");

    /// Bytes from the start of a file that [#of] looks at.
    public static final int FIRST_BYTES = 10;
    /// What bzip2's first block begins with: the digits of pi. An empty file has the digits of its root instead.
    private static final String BZIP2_BLOCK = "314159265359";

    private final String label;
    private final String magic;

    Packing(String label, String magic) {
        this.label = label;
        this.magic = magic;
    }

    /// For messages, and what its tool is called.
    public String label() {
        return label;
    }

    /// The packing that a file with these first bytes has; empty if none, or not a known one.
    public static Optional<Packing> of(byte[] first) {
        String start = HexFormat.of().formatHex(first);
        for (Packing packing : values()) {
            if (start.startsWith(packing.magic)
                    && (packing != BZIP2 || start.startsWith(BZIP2_BLOCK, packing.magic.length() + 2))) {
                return Optional.of(packing);
            }
        }
        return Optional.empty();
    }
}
