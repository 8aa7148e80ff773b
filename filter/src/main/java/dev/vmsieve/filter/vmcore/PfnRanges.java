// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.util.Arrays;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;

/// A set of page frame numbers as disjoint ranges in ascending order. Immutable.
final class PfnRanges {
    private final long[] starts;
    private final long[] ends;

    /// @param from first pfns, any order; ranges may overlap
    /// @param to last pfns + 1, the same order
    PfnRanges(long[] from, long[] to) {
        long[] sortedStarts = from.clone();
        long[] sortedEnds = to.clone();
        Arrays.sort(sortedStarts);
        Arrays.sort(sortedEnds);
        int count = 0;
        // With starts and ends sorted apart, a gap is where as many ranges have ended as have started.
        for (int i = 0; i < sortedStarts.length; i++) {
            if (count > 0 && sortedStarts[i] <= sortedEnds[i - 1]) {
                sortedEnds[count - 1] = sortedEnds[i];
            } else {
                sortedStarts[count] = sortedStarts[i];
                sortedEnds[count++] = sortedEnds[i];
            }
        }
        this.starts = Arrays.copyOf(sortedStarts, count);
        this.ends = Arrays.copyOf(sortedEnds, count);
    }

    /// Highest pfn + 1; 0 for the empty set.
    long end() {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    /// Number of pfns.
    long pages() {
        long pages = 0;
        for (int i = 0; i < starts.length; i++) {
            pages += ends[i] - starts[i];
        }
        return pages;
    }

    /// Sets the bits of the set's pfns that lie in the range.
    void mark(PfnRange range, PageBitmap bitmap) {
        for (int i = firstEndingAfter(range.start()); i < starts.length && starts[i] < range.end(); i++) {
            bitmap.setRange(Math.max(starts[i], range.start()), Math.min(ends[i], range.end()));
        }
    }

    /// Clears the bits of the set's pfns that lie in the range.
    ///
    /// @return how many were set before
    long clear(PfnRange range, PageBitmap bitmap) {
        long cleared = 0;
        for (int i = firstEndingAfter(range.start()); i < starts.length && starts[i] < range.end(); i++) {
            cleared += bitmap.clearRange(Math.max(starts[i], range.start()), Math.min(ends[i], range.end()));
        }
        return cleared;
    }

    /// True if the pfn is in the set.
    boolean contains(long pfn) {
        int at = firstEndingAfter(pfn);
        return at < starts.length && starts[at] <= pfn;
    }

    private int firstEndingAfter(long pfn) {
        int at = Arrays.binarySearch(ends, pfn);
        return at < 0 ? -at - 1 : at + 1;
    }
}
