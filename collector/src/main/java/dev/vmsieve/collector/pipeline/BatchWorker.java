// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.io.IOException;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.PageBatch;

/// One thread's work: fills and writes batches of pages, as the ring tells it.
final class BatchWorker implements Runnable {
    private final BatchRing ring;
    private final Spares spares;
    private final DumpWriter writer;

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
            try {
                work(filler);
            } finally {
                spares.keep(filler);
            }
        } catch (Throwable cause) {
            ring.fail(cause);
        }
    }

    private void work(BatchFiller filler) throws IOException, InterruptedException {
        PageBatch batch = ring.exchange(null);
        while (batch != null) {
            if (batch.placed()) {
                writer.write(batch);
            } else {
                filler.fill(batch);
            }
            batch = ring.exchange(batch);
        }
    }
}
