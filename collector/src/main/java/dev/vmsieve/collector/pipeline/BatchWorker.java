// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.io.IOException;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.PageBatch;
import dev.vmsieve.filter.progress.WorkTimes;

/// One thread's work: fills and writes batches of pages, as the ring tells it.
final class BatchWorker implements Runnable {
    private final BatchRing ring;
    private final Spares spares;
    private final DumpWriter writer;
    private long fillNanos;
    private long writeNanos;
    private long waitNanos;

    BatchWorker(BatchRing ring, Spares spares, DumpWriter writer) {
        this.ring = ring;
        this.spares = spares;
        this.writer = writer;
    }

    /// Ends when the ring says so. Whatever goes wrong, errors of the machine included, ends the other workers too.
    @Override
    public void run() {
        try {
            BatchFiller filler = spares.filler();
            long readBefore = filler.readNanos();
            try {
                work(filler);
            } finally {
                long readNanos = filler.readNanos() - readBefore;
                ring.spent(new WorkTimes(readNanos, fillNanos - readNanos, writeNanos, waitNanos));
                spares.keep(filler);
            }
        } catch (Throwable cause) {
            ring.fail(cause);
        }
    }

    private void work(BatchFiller filler) throws IOException, InterruptedException {
        PageBatch batch = ring.exchange(null);
        long start = System.nanoTime();
        while (batch != null) {
            boolean placed = batch.placed();
            if (placed) {
                writer.write(batch);
            } else {
                filler.fill(batch);
            }
            long worked = System.nanoTime();
            writeNanos += placed ? worked - start : 0;
            fillNanos += placed ? 0 : worked - start;
            batch = ring.exchange(batch);
            start = System.nanoTime();
            waitNanos += start - worked;
        }
    }
}
