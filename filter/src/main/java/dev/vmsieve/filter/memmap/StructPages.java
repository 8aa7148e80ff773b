// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.memmap;

import java.io.IOException;

/// Struct pages of consecutive pfns, and a glance at those elsewhere.
public interface StructPages {
    /// First pfn at hand.
    long start();

    /// Last pfn at hand + 1.
    long end();

    /// The struct pages one after the other, the first at 0. Words are in the crashed kernel's byte order already; a field
    /// of fewer than 8 bytes lies inside one.
    long[] words();

    /// Address of a pfn's struct page, where the pfns at hand have theirs.
    long structPage(long pfn);

    /// One word of a struct page anywhere.
    ///
    /// @param fallback the answer if it cannot be read
    long wordOf(long pfn, int offset, long fallback) throws IOException;
}
