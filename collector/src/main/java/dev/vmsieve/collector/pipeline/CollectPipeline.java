// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.util.Optional;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.pipeline.BatchRing.RingSize;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.PfnBatches;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.codec.PageCodec;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Takes all kept pages from the vmcore to the writer, by as many threads as the plan says.
///
/// Memory: a worker has a buffer for 256 KiB of pages to be compressed, and there are two batches a worker in the ring:
/// of 256 KiB each, or of 1 MiB where stored pages are copied.
public final class CollectPipeline {
    private CollectPipeline() {}

    /// Works until all pages are written, or something ends that early; all threads have ended then.
    ///
    /// The calling thread waits. It reads and writes nothing itself, since an interrupt would close the files under it;
    /// an interrupt is taken for a request to end early, and is set again at return.
    ///
    /// @param batches the pages to take
    public static Outcome run(CollectPlan plan, Vmcore vmcore, DumpBitmaps bitmaps, PfnBatches batches,
            DumpWriter writer, Progress progress) {
        FillPlan filling = new FillPlan(vmcore, bitmaps.unreadable(), plan.compression(),
                writer.takesStoredForms() ? vmcore.stored() : Optional.empty(), writer.storesWholePages(),
                plan.dryRun());
        int batchPages = plan.batchPages() == CollectPlan.DEFAULT_BATCH
                ? filling.defaultBatchPages()
                : plan.batchPages();
        int threads = Math.clamp((batches.pages() + batchPages - 1) / batchPages, 1, plan.threads());
        BatchRing ring = new BatchRing(batches, writer,
                new RingSize(threads == 1 ? 1 : 2 * threads, batchPages, slackBytes(plan, vmcore.pageBytes())),
                plan.cancellation(), progress);
        Thread[] workers = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            workers[i] = new Thread(new BatchWorker(ring, filling, writer), "vmsieve-collect-" + i);
        }
        WorkerThreads.startAndJoin(workers, ring, plan.cancellation());
        return ring.outcome();
    }

    private static int slackBytes(CollectPlan plan, int pageBytes) {
        try (PageCodec codec = plan.compression().newCodec()) {
            return codec.maxCompressedBytes(pageBytes);
        }
    }
}
