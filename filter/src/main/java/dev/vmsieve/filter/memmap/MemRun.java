// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.memmap;

/// Consecutive pfns whose struct pages are consecutive too, or which have none.
///
/// @param start first pfn
/// @param end last pfn + 1
/// @param origin where the struct page of pfn 0 would be: that of pfn P is at origin + P * SIZE(page), modulo 2^64
/// @param mapped false: the pfns have no mem_map
/// @param online false: memory was added but never put to use, so its struct pages may be garbage
public record MemRun(long start, long end, long origin, boolean mapped, boolean online) {
    /// Pfns without a mem_map.
    static MemRun none(long start, long end) {
        return new MemRun(start, end, 0, false, false);
    }

    /// Pfns whose struct pages can be trusted.
    static MemRun of(long start, long end, long origin) {
        return new MemRun(start, end, origin, true, true);
    }
}
