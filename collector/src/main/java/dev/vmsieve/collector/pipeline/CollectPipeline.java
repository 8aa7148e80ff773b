// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.util.Optional;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.pipeline.BatchRing.Room;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.PfnBatches;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.codec.PageCodec;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Takes all kept pages from the vmcore to the writer, by as many threads as the plan says.
///
/// Memory: a worker has a buffer for 256 KiB of pages to be compressed, and there are two batches a worker in the ring, and
/// one more for a sequential writer: of 256 KiB each, or of 1 MiB where stored pages are copied. All of that is used again
/// in the next run.
public final class CollectPipeline implements AutoCloseable {
    private final CollectPlan plan;
    private final Progress progress;
    private final int batchPages;
    private final Spares spares;

    /// A pipeline to writers of that kind.
    public CollectPipeline(CollectPlan plan, Vmcore vmcore, DumpBitmaps bitmaps, DumpWriter kind, Progress progress) {
        FillPlan filling = new FillPlan(vmcore, bitmaps.unreadable(), plan,
                kind.takesStoredForms() ? vmcore.stored() : Optional.empty(), kind.storesWholePages());
        this.plan = plan;
        this.progress = progress;
        this.batchPages = plan.batchPages() == CollectPlan.DEFAULT_BATCH
                ? filling.defaultBatchPages()
                : plan.batchPages();
        this.spares = new Spares(filling, batchPages, slackBytes(plan, vmcore.pageBytes()));
    }

    /// Works until all pages are written, or something ends that early; all threads have ended then.
    ///
    /// The calling thread waits. It reads and writes nothing itself, since an interrupt would close the files under it;
    /// an interrupt is taken for a request to end early ([dev.vmsieve.collector.plan.Cancellation#takeInterrupt]).
    ///
    /// @param batches the pages to take
    public Outcome run(PfnBatches batches, DumpWriter writer) {
        int threads = Math.clamp((batches.pages() + batchPages - 1) / batchPages, 1, plan.threads());
        int senders = writer.sequential() ? 1 : 0;
        int slots = threads + senders == 1 ? 1 : 2 * threads + senders;
        BatchRing ring = new BatchRing(batches, writer, new Room(slots, spares), plan.cancellation(), progress);
        Thread[] workers = new Thread[threads + senders];
        for (int i = 0; i < threads; i++) {
            workers[i] = new Thread(new BatchWorker(ring, spares, writer), "vmsieve-collect-" + i);
        }
        if (senders > 0) {
            workers[threads] = new Thread(new BatchSender(ring, writer), "vmsieve-collect-send");
        }
        WorkerThreads.startAndJoin(workers, ring, plan.cancellation());
        return ring.outcome();
    }

    /// Gives back what runs have left; none must be under way.
    @Override
    public void close() {
        spares.close();
    }

    private static int slackBytes(CollectPlan plan, int pageBytes) {
        try (PageCodec codec = plan.newCodec()) {
            return codec.maxCompressedBytes(pageBytes);
        }
    }
}
