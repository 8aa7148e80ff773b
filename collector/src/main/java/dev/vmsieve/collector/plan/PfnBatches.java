// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.plan;

import dev.vmsieve.collector.output.PageBatch;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;

/// Cuts the 2nd bitmap into batches of kept pages, in the order of pfns. Every batch but the last is full, so a batch's
/// number tells how many pages lie before it. Not safe for use by several threads at a time.
public final class PfnBatches {
    private final PageBitmap dumpable;
    private final long end;
    private final long pages;
    private long nextPfn;
    private long nextSequence;
    private long nextRank;

    /// All pages in the range whose bit is set.
    public PfnBatches(PageBitmap dumpable, PfnRange range) {
        this.dumpable = dumpable;
        this.end = Math.min(range.end(), dumpable.size());
        this.pages = dumpable.cardinality(range.start(), range.end());
        this.nextPfn = dumpable.nextSet(range.start());
    }

    /// Number of pages in all batches.
    public long pages() {
        return pages;
    }

    /// True if no page is left.
    public boolean atEnd() {
        return nextPfn >= end;
    }

    /// Fills the batch with the next pfns, as many as it takes.
    public void cut(PageBatch batch) {
        batch.begin(nextSequence++, nextRank);
        long pfn = nextPfn;
        while (pfn < end && batch.pages() < batch.maxPages()) {
            batch.addPfn(pfn);
            pfn = dumpable.nextSet(pfn + 1);
        }
        nextPfn = pfn;
        nextRank += batch.pages();
    }
}
