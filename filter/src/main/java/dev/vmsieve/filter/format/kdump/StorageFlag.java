// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.kdump;

/// The bits of a main header's status and of a page descriptor's flags: one set of values serves both.
///
/// In the status a method bit only informs; readers decode by the descriptor. The method bits are those of
/// [dev.vmsieve.filter.codec.Compression], which tells what they mean in a descriptor.
public enum StorageFlag {
    /// zlib.
    ZLIB(0x01),
    /// LZO1X.
    LZO(0x02),
    /// Raw snappy.
    SNAPPY(0x04),
    /// Status only: the dump was cut short; descriptors of missing pages are all zero.
    INCOMPLETE(0x08),
    /// Status only: struct pages of left-out pages were left out too.
    EXCLUDED_VMEMMAP(0x10),
    /// zstd.
    ZSTD(0x20);

    private final int bit;

    StorageFlag(int bit) {
        this.bit = bit;
    }

    /// The flag's value.
    public int bit() {
        return bit;
    }

    /// True if the flag is among these.
    public boolean in(int flags) {
        return (flags & bit) != 0;
    }
}
