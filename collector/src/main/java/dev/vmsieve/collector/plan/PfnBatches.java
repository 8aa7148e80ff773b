// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.plan;

import dev.vmsieve.collector.output.PageBatch;
import dev.vmsieve.filter.bitmap.PageBitmap;

/// Cuts the 2nd bitmap into batches of kept pages, in the order of pfns. Every batch but the last is full, so a batch's
/// number tells how many pages lie before it. Not safe for use by several threads at a time.
public final class PfnBatches {
    private final PageBitmap dumpable;
    private long nextPfn;
    private long nextSequence;
    private long nextRank;

    /// All pages whose bit is set.
    public PfnBatches(PageBitmap dumpable) {
        this.dumpable = dumpable;
        this.nextPfn = dumpable.nextSet(0);
    }

    /// True if no page is left.
    public boolean atEnd() {
        return nextPfn >= dumpable.size();
    }

    /// Fills the batch with the next pfns, as many as it takes.
    public void cut(PageBatch batch) {
        batch.begin(nextSequence++, nextRank);
        long pfn = nextPfn;
        long size = dumpable.size();
        while (pfn < size && batch.pages() < batch.maxPages()) {
            batch.addPfn(pfn);
            pfn = dumpable.nextSet(pfn + 1);
        }
        nextPfn = pfn;
        nextRank += batch.pages();
    }
}
