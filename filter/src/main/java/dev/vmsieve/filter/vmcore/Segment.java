// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

/// A piece of physical memory and where its bytes are stored; all in bytes.
///
/// @param paddr where it starts in memory
/// @param memoryBytes how long it is there
/// @param storedBytes how much of it, from its start on, the file holds; at most memoryBytes
/// @param fileOffset where that starts in the file
record Segment(long paddr, long memoryBytes, long storedBytes, long fileOffset) {
    /// The same piece in a file that ends at that offset.
    Segment cutAt(long fileBytes) {
        long left = Math.max(0, Math.min(storedBytes, fileBytes - fileOffset));
        return left == storedBytes ? this : new Segment(paddr, memoryBytes, left, fileOffset);
    }
}
