// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

/// Numbers of descriptors, for pages that mostly are asked for in order: counting on from the page before is less
/// than counting from the last place where [KdumpPages] knows the number. For one thread.
final class RankCursor {
    /// Pages this close are counted from one to the next.
    private static final long NEAR = 4096;

    private final KdumpPages pages;
    private int part = KdumpPages.NO_PART;
    private long pfn;
    private long rank;

    RankCursor(KdumpPages pages) {
        this.pages = pages;
    }

    /// Number of the page's descriptor among those of its part.
    long rankInPart(int inPart, long ofPfn) {
        boolean near = inPart == part && ofPfn >= pfn && ofPfn - pfn <= NEAR;
        rank = near ? rank + pages.dumped().cardinality(pfn, ofPfn) : pages.rankInPart(inPart, ofPfn);
        part = inPart;
        pfn = ofPfn;
        return rank;
    }
}
