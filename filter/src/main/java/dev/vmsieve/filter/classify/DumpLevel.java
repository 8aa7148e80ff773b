// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

/// Which kinds of pages are left out: the number given to `-d`.
///
/// | bit | leaves out |
/// |---|---|
/// | 1 | pages filled with zeroes |
/// | 2 | page cache without private data |
/// | 4 | page cache, with and without private data |
/// | 8 | user process data |
/// | 16 | free pages |
///
/// @param bits 0 to 31
public record DumpLevel(int bits) {
    /// Highest level: all five bits.
    public static final int MAX = 31;
    /// The bit that leaves out zero pages.
    static final int ZERO_BIT = 1;
    /// The bit that leaves out page cache without private data.
    static final int NON_PRIVATE_CACHE_BIT = 2;
    /// The bit that leaves out all page cache.
    static final int CACHE_BIT = 4;
    /// The bit that leaves out user process data.
    static final int USER_BIT = 8;
    /// The bit that leaves out free pages.
    static final int FREE_BIT = 16;

    /// Rejects a number that is no dump level.
    public DumpLevel {
        if (bits < 0 || bits > MAX) {
            throw new IllegalArgumentException("dump level must be 0 to 31 but was " + bits);
        }
    }

    /// The level with these bits, 0 to 31.
    public static DumpLevel of(int bits) {
        return new DumpLevel(bits);
    }

    /// True if pages of this kind are left out.
    public boolean excludes(PageKind kind) {
        return switch (kind) {
            case ZERO, NON_PRIVATE_CACHE, PRIVATE_CACHE, USER, FREE -> (bits & kind.levelBits()) != 0;
            case HWPOISON, OFFLINE -> true;
            case KERNEL -> false;
        };
    }

    /// True if zero pages are left out: the only bit that needs no struct page.
    public boolean zero() {
        return (bits & ZERO_BIT) != 0;
    }

    /// True if any bit is set whose pages only struct pages tell.
    public boolean needsPageStructs() {
        return (bits & ~ZERO_BIT) != 0;
    }

    /// The level that leaves out what this one does and the other does not.
    public DumpLevel without(DumpLevel other) {
        return new DumpLevel(bits & ~other.bits);
    }

    /// The level that leaves out what either of both leaves out.
    public DumpLevel or(DumpLevel other) {
        return new DumpLevel(bits | other.bits);
    }
}
