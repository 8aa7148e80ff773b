// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

/// A range of page frame numbers.
///
/// @param start first pfn
/// @param end last pfn + 1; not below start
public record PfnRange(long start, long end) {
    /// Rejects a range that ends before it starts.
    public PfnRange {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("no pfn range: [" + start + ", " + end + ")");
        }
    }

    /// Number of pfns in the range.
    public long pages() {
        return end - start;
    }
}
