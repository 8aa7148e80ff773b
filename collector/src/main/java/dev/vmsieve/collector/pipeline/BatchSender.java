// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.io.IOException;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.PageBatch;
import dev.vmsieve.filter.progress.WorkTimes;

/// The thread of a sequential writer: writes batch after batch, while workers compress those that come next.
final class BatchSender implements Runnable {
    private final BatchRing ring;
    private final DumpWriter writer;
    private long writeNanos;

    BatchSender(BatchRing ring, DumpWriter writer) {
        this.ring = ring;
        this.writer = writer;
    }

    /// Ends when the ring says so. Whatever goes wrong, errors of the machine included, ends the workers too.
    @Override
    public void run() {
        try {
            try {
                send();
            } finally {
                ring.spent(new WorkTimes(0, 0, writeNanos, 0));
            }
        } catch (Throwable cause) {
            ring.fail(cause);
        }
    }

    private void send() throws IOException, InterruptedException {
        for (PageBatch batch = ring.exchangeWritten(null); batch != null; batch = ring.exchangeWritten(batch)) {
            long start = System.nanoTime();
            writer.write(batch);
            writeNanos += System.nanoTime() - start;
        }
    }
}
