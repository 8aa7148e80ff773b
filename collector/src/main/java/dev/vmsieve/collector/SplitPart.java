// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import dev.vmsieve.collector.plan.PfnBatches;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.progress.WorkTimes;

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
    /// What is left of it when it was discarded; else empty.
    private String left = "";
    /// The first pages, all of them written, and where their data end.
    private long pages;
    private long dataEnd;
    private WorkTimes times = WorkTimes.NONE;
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

    DumpWriter writer() {
        return writer;
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

    /// What is left of it when it was discarded; else empty.
    String left() {
        return left;
    }

    WorkTimes times() {
        return times;
    }

    WriteCounts counts() {
        return writer.counts();
    }

    /// Writes the headers; where that fails the part is discarded.
    void begin() {
        try {
            writer.start();
            begun = true;
        } catch (IOException | UncheckedIOException failure) {
            failed(failure);
            discard();
        }
    }

    /// Takes back what was begun. Done again, it does nothing.
    void discard() {
        if (left.isEmpty()) {
            left = Collector.discard(output);
        }
        begun = false;
    }

    /// Writes the pages.
    ///
    /// @param dumpable the kept pages of all parts
    /// @param limitBytes the plan's, for the message
    void copy(CollectPipeline pipeline, PageBitmap dumpable, long limitBytes) {
        PfnBatches batches;
        try {
            batches = new PfnBatches(dumpable, range);
        } catch (UncheckedIOException failure) {
            failed(failure);
            return;
        }
        Outcome outcome = pipeline.run(batches, writer);
        pages = outcome.pages();
        dataEnd = outcome.dataEnd();
        times = outcome.times();
        if (outcome.ending() == Ending.CANCELLED) {
            reason = Reason.CANCELLED;
        } else if (outcome.ending() == Ending.SIZE_LIMIT) {
            failed(new SizeLimitException(limitBytes));
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

    /// Removes the mark, unless the input lacks pages.
    void finish(boolean incomplete) {
        try {
            writer.finish(incomplete);
        } catch (IOException | UncheckedIOException failure) {
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
