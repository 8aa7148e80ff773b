// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.PageBatch;

/// Batches and fillers that are not in use, kept for the next turn and for the next run. Their direct buffers would
/// otherwise be given back by the garbage collector alone, which hardly runs where the heap is hardly used.
///
/// Safe for use by several threads.
final class Spares implements AutoCloseable {
    private final FillPlan filling;
    private final int batchPages;
    private final int slackBytes;
    /// The last used on top. Guarded by this, like the fillers.
    private final List<PageBatch> batches = new ArrayList<>();
    private final List<BatchFiller> fillers = new ArrayList<>();

    /// @param batchPages pages in a batch
    /// @param slackBytes bytes a batch needs for compressing, beyond its pages' own
    Spares(FillPlan filling, int batchPages, int slackBytes) {
        this.filling = filling;
        this.batchPages = batchPages;
        this.slackBytes = slackBytes;
    }

    /// A batch for that writer, or one of its kind.
    synchronized PageBatch batch(DumpWriter writer) {
        return batches.isEmpty() ? writer.newBatch(batchPages, slackBytes) : batches.removeLast();
    }

    /// Takes a batch back.
    synchronized void keep(PageBatch batch) {
        batches.add(batch);
    }

    /// A filler for one worker.
    synchronized BatchFiller filler() {
        return fillers.isEmpty() ? filling.newFiller() : fillers.removeLast();
    }

    /// Takes a filler back.
    synchronized void keep(BatchFiller filler) {
        fillers.add(filler);
    }

    /// Closes the fillers, all of which must have been taken back.
    @Override
    public synchronized void close() {
        for (BatchFiller filler : fillers) {
            filler.close();
        }
        fillers.clear();
    }
}
