// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.kdump;

/// A run of bytes in a file.
///
/// @param offset first byte, from the file's start
/// @param bytes how many
public record FileRegion(long offset, long bytes) {
    /// No such region: both fields 0.
    public static final FileRegion NONE = new FileRegion(0, 0);

    /// By hand: what the compiler makes for a record links method handles when it is first asked, which takes 6 MiB.
    @Override
    public boolean equals(Object other) {
        return other instanceof FileRegion that && offset == that.offset && bytes == that.bytes;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(offset) * 31 + Long.hashCode(bytes);
    }
}
