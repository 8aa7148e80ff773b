// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.progress;

/// How many pages there are of each kind, every pfn counted once.
///
/// @param maxMapnr highest pfn + 1, holes included
/// @param existing pages that the vmcore's segments cover (1st bitmap)
/// @param zero pages filled with zeroes; found where the bytes are, so 0 until the pages were copied
/// @param nonPrivateCache page cache without private data
/// @param privateCache page cache with private data
/// @param user anonymous and huge pages of user processes
/// @param free pages in the buddy lists, and memory not accepted yet
/// @param hwpoison pages with a memory error, left out at every level
/// @param offline ballooned and offline pages, left out at every level
/// @param unclassified pages whose struct page could not be read or trusted; they are kept
/// @param leftOutBefore pages that an earlier filter run left out together with their struct pages (makedumpfile's `-e`):
///        their kind is not known
public record PageCounts(long maxMapnr, long existing, long zero, long nonPrivateCache, long privateCache, long user,
        long free, long hwpoison, long offline, long unclassified, long leftOutBefore) {
    /// Counts of a vmcore whose struct pages are all there.
    public PageCounts(long maxMapnr, long existing, long zero, long nonPrivateCache, long privateCache, long user,
            long free, long hwpoison, long offline, long unclassified) {
        this(maxMapnr, existing, zero, nonPrivateCache, privateCache, user, free, hwpoison, offline, unclassified, 0);
    }

    /// Pages inside the physical range that no segment covers.
    public long holes() {
        return maxMapnr - existing;
    }

    /// Pages left out or shared: the sum of all kinds.
    public long excluded() {
        return zero + nonPrivateCache + privateCache + user + free + hwpoison + offline + leftOutBefore;
    }

    /// Existing pages that are not excluded.
    public long remaining() {
        return existing - excluded();
    }

    /// The same counts with the zero pages found while copying.
    public PageCounts withZero(long zeroPages) {
        return new PageCounts(maxMapnr, existing, zeroPages, nonPrivateCache, privateCache, user, free, hwpoison,
                offline, unclassified, leftOutBefore);
    }
}
