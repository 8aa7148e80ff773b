// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.collector.IncompleteDumpException.Reason;
import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.OutputChannel;
import dev.vmsieve.collector.output.SizeLimitException;
import dev.vmsieve.collector.output.WriteCounts;
import dev.vmsieve.collector.pipeline.CollectPipeline;
import dev.vmsieve.collector.pipeline.Ending;
import dev.vmsieve.collector.pipeline.Outcome;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.PfnBatches;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;

/// One part of a split dump on its way. What goes wrong with it is kept here, since the others may go on.
///
/// Used by one thread.
final class SplitPart {
    private final Path file;
    private final PfnRange range;
    private final OutputChannel output;
    private final DumpWriter writer;
    /// It has its headers, which say that it is incomplete.
    private boolean begun;
    /// The first pages, all of them written, and where their data end.
    private long pages;
    private long dataEnd;
    /// Why it lacks pages; null if it does not yet.
    private @Nullable Reason reason;
    private @Nullable Throwable cause;

    SplitPart(Path file, PfnRange range, OutputChannel output, DumpWriter writer) {
        this.file = file;
        this.range = range;
        this.output = output;
        this.writer = writer;
    }

    Path file() {
        return file;
    }

    OutputChannel output() {
        return output;
    }

    boolean begun() {
        return begun;
    }

    long pages() {
        return pages;
    }

    @Nullable
    Reason reason() {
        return reason;
    }

    @Nullable
    Throwable cause() {
        return cause;
    }

    WriteCounts counts() {
        return writer.counts();
    }

    /// Writes the headers; where that fails nothing is left of the part.
    void begin() throws IOException {
        try {
            writer.start();
            begun = true;
        } catch (IOException failure) {
            failed(failure);
            output.discard();
        }
    }

    /// Writes the pages.
    void copy(CollectPlan plan, Vmcore vmcore, DumpBitmaps bitmaps, Progress progress) {
        PfnBatches batches = new PfnBatches(bitmaps.dumpable(), range);
        Outcome outcome = CollectPipeline.run(plan, vmcore, bitmaps, batches, writer, progress);
        pages = outcome.pages();
        dataEnd = outcome.dataEnd();
        if (outcome.ending() == Ending.CANCELLED) {
            reason = Reason.CANCELLED;
        } else if (outcome.ending() == Ending.SIZE_LIMIT) {
            failed(new SizeLimitException(plan.sizeLimitBytes()));
        } else if (outcome.ending() == Ending.FAILED) {
            failed(outcome.failure());
        }
    }

    /// Returns when all that was written is on the disk.
    void force() {
        try {
            output.force();
        } catch (IOException failure) {
            failed(failure);
        }
    }

    /// Removes the mark.
    void finish() {
        try {
            writer.finish();
        } catch (IOException failure) {
            failed(failure);
        }
    }

    /// Makes a sound file of the pages that are written, marked incomplete although it may have all of them.
    void abandon() throws IOException {
        writer.abandon(pages, dataEnd);
    }

    private void failed(@Nullable Throwable failure) {
        reason = Collector.reason(failure);
        cause = failure;
    }
}
