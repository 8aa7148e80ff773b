// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.io.IOException;

import dev.vmsieve.collector.output.PageBatch;

/// Brings the pages of a batch into the form in which the dump file stores them; one worker's.
sealed interface BatchFiller extends AutoCloseable permits CompressingFiller, CopyingFiller {
    /// Fills a batch whose pfns are known: each page is shared or stored, in order.
    void fill(PageBatch batch) throws IOException;

    /// Nanoseconds that went into reading so far, in all batches.
    long readNanos();

    @Override
    void close();
}
