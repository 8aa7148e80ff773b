// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.collector.IncompleteDumpException.Reason;
import dev.vmsieve.collector.output.DryOutput;
import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.FileOutput;
import dev.vmsieve.collector.output.FlattenedOutput;
import dev.vmsieve.collector.output.FullDisk;
import dev.vmsieve.collector.output.OutputChannel;
import dev.vmsieve.collector.output.SizeLimitException;
import dev.vmsieve.collector.output.WatchedOutput;
import dev.vmsieve.collector.output.WatchedStream;
import dev.vmsieve.collector.output.WriteCounts;
import dev.vmsieve.collector.pipeline.CollectPipeline;
import dev.vmsieve.collector.pipeline.Ending;
import dev.vmsieve.collector.pipeline.Outcome;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.collector.plan.HeldInterrupt;
import dev.vmsieve.collector.plan.PfnBatches;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.filter.progress.WorkTimes;
import dev.vmsieve.filter.vmcore.Vmcore;

/// The one door of the collector: writes the kept pages of a vmcore to a dump file.
@SuppressWarnings("try") // a held interrupt has only to be given back
public final class Collector {
    private static final String MARKED = "the dump file is marked incomplete";

    private Collector() {}

    /// Writes the dump file.
    ///
    /// The file is marked incomplete until its last byte is on the disk. The calling thread waits; an interrupt of it
    /// is taken for a request of the plan's cancellation, and is set again at return.
    ///
    /// @throws IncompleteDumpException if the dump does not hold all pages, whatever the reason; the message says what
    ///         is left
    /// @throws IOException if no file was made; one that was there is as it was
    public static CollectReport collect(CollectPlan plan, Vmcore vmcore, FilterResult filtered, DumpIdentity identity,
            Progress progress) throws IOException {
        rejectInputAsOutput(plan, vmcore);
        try (HeldInterrupt held = plan.cancellation().holdInterrupt()) {
            Draft draft = Draft.of(plan, vmcore, filtered, identity, progress);
            PfnBatches batches = batches(draft, vmcore);
            OutputChannel output = plan.dryRun()
                    ? new DryOutput()
                    : create(plan, plan.dumpFile());
            return write(plan, draft, batches, vmcore, progress, output);
        } catch (UncheckedIOException bitmapLost) {
            throw checked(bitmapLost);
        }
    }

    /// Sends the dump down a stream as flattened data; the plan's dump file is the stream's name in messages, and stays
    /// untouched.
    ///
    /// Rearranged, the data are the file that [#collect] writes. They are the same for each number of threads. A stream
    /// without an end record is an incomplete one. The plan's size limit is that of the stream.
    ///
    /// @param stream stays open
    /// @throws IncompleteDumpException if the dump does not hold all pages, a stream that its reader closed included
    public static CollectReport flatten(CollectPlan plan, WritableByteChannel stream, Vmcore vmcore,
            FilterResult filtered, DumpIdentity identity, Progress progress) throws IOException {
        try (WatchedStream watched = WatchedStream.of(stream, plan.dumpFile(), FlattenedOutput.NO_END,
                plan.cancellation()::outputLost)) {
            if (plan.dryRun()) {
                return collect(plan, vmcore, filtered, identity, progress, new DryOutput());
            }
            return collect(plan.withSizeLimit(CollectPlan.NO_LIMIT), vmcore, filtered, identity, progress,
                    new FlattenedOutput(watched, plan.sizeLimitBytes()));
        }
    }

    /// Writes the dump in parts, each with the pages of a range of pfns (`--split`); the plan's dump file stays untouched.
    ///
    /// The parts are the same for each number of threads. All of them are marked incomplete until the last byte of the
    /// last one is on the disk.
    ///
    /// @throws IncompleteDumpException if a part does not hold all its pages; all parts are marked then, the message says
    ///         what is left
    /// @throws IOException if no file was made
    public static CollectReport split(CollectPlan plan, SplitPlan split, Vmcore vmcore, FilterResult filtered,
            DumpIdentity identity, Progress progress) throws IOException {
        split.checkFiles();
        for (Path file : split.files()) {
            rejectInputAsOutput(plan.withDumpFile(file), vmcore);
        }
        return split(plan, split, vmcore, filtered, identity, progress,
                file -> plan.dryRun() ? new DryOutput() : create(plan, file));
    }

    private static OutputChannel create(CollectPlan plan, Path file) throws IOException {
        FileOutput output = FileOutput.create(file, plan.overwrite());
        return WatchedOutput.of(output, file, MARKED, plan.cancellation()::outputLost);
    }

    /// Writes the parts to outputs of the caller's making, and closes them.
    static CollectReport split(CollectPlan plan, SplitPlan split, Vmcore vmcore, FilterResult filtered,
            DumpIdentity identity, Progress progress, SplitCollection.Outputs outputs) throws IOException {
        try (HeldInterrupt held = plan.cancellation().holdInterrupt()) {
            return new SplitCollection(plan, split, vmcore, filtered).run(identity, outputs, progress);
        } catch (UncheckedIOException bitmapLost) {
            throw checked(bitmapLost);
        }
    }

    /// Writes the dump to an output that is open already, and closes it.
    static CollectReport collect(CollectPlan plan, Vmcore vmcore, FilterResult filtered, DumpIdentity identity,
            Progress progress, OutputChannel output) throws IOException {
        try (HeldInterrupt held = plan.cancellation().holdInterrupt(); output) {
            Draft draft = Draft.of(plan, vmcore, filtered, identity, progress);
            return write(plan, draft, batches(draft, vmcore), vmcore, progress, output);
        } catch (UncheckedIOException bitmapLost) {
            throw checked(bitmapLost);
        }
    }

    private static PfnBatches batches(Draft draft, Vmcore vmcore) {
        return new PfnBatches(draft.bitmaps().dumpable(), new PfnRange(0, vmcore.maxMapnr()));
    }

    /// Bitmaps that lie in a file fail so where it cannot be read.
    private static IOException checked(UncheckedIOException bitmapLost) {
        return new IOException(bitmapLost.getMessage(), bitmapLost);
    }

    private static CollectReport write(CollectPlan plan, Draft draft, PfnBatches batches, Vmcore vmcore,
            Progress progress, OutputChannel output) throws IOException {
        long start = System.nanoTime();
        long pages = batches.pages();
        try (output) {
            DumpWriter writer = draft.newWriter(output, pages, plan.sizeLimitBytes());
            progress.begin(Stage.COPYING, pages);
            try {
                writer.start();
            } catch (IOException | UncheckedIOException cause) {
                throw incomplete(plan.dumpFile(), cause, reason(cause), 0, pages, discard(output));
            }
            Outcome outcome;
            try (CollectPipeline pipeline = new CollectPipeline(plan, vmcore, draft.bitmaps(), writer, progress)) {
                outcome = pipeline.run(batches, writer);
            }
            finish(plan, writer, outcome, pages, vmcore);
            progress.end(Stage.COPYING);
            return report(writer.counts(), draft.zeroPages(writer.counts()), vmcore, System.nanoTime() - start,
                    outcome.times());
        }
    }

    static CollectReport report(WriteCounts counts, long zeroPages, Vmcore vmcore, long nanos, WorkTimes times) {
        return new CollectReport(counts.pages(), zeroPages, counts.sharedPages(), counts.rawPages(),
                counts.fileBytes(), counts.writtenBytes(), vmcore.unreadablePages(), nanos, times);
    }

    /// Discards the output, and tells what is left of it, to end the message with.
    static String discard(OutputChannel output) {
        try {
            return output.discard();
        } catch (IOException second) {
            return "the dump file has no use and could not be removed (" + second.getMessage() + ")";
        }
    }

    private static void finish(CollectPlan plan, DumpWriter writer, Outcome outcome, long pages, Vmcore vmcore)
            throws IOException {
        Throwable cause = outcome.failure();
        if (outcome.ending() == Ending.COMPLETE) {
            try {
                writer.finish(vmcore.incomplete());
                return;
            } catch (IOException | UncheckedIOException failure) {
                cause = failure;
            }
        }
        String left = writer.sequential() ? FlattenedOutput.NO_END : MARKED;
        left = plan.dryRun() ? OutputChannel.DRY_RUN : left;
        try {
            writer.abandon(outcome.pages(), outcome.dataEnd());
        } catch (IOException | UncheckedIOException second) {
            left += ", and could not be put in order (" + second.getMessage() + ")";
        }
        Reason reason = switch (outcome.ending()) {
            case SIZE_LIMIT -> Reason.SIZE_LIMIT;
            case CANCELLED -> Reason.CANCELLED;
            case COMPLETE, FAILED -> reason(cause);
        };
        Throwable why = outcome.ending() == Ending.SIZE_LIMIT ? new SizeLimitException(plan.sizeLimitBytes()) : cause;
        throw incomplete(plan.dumpFile(), why, reason, outcome.pages(), pages, left);
    }

    /// @param left what is left on the disk, to end the message with
    static IncompleteDumpException incomplete(Path file, @Nullable Throwable cause, Reason reason, long written,
            long pages, String left) {
        String why = cause == null ? "stopped on request" : describe(cause);
        return new IncompleteDumpException("[" + file + "] " + why + ": " + written + " of " + pages
                + " pages were written; " + left, cause, reason, written, pages);
    }

    private static String describe(Throwable cause) {
        String message = cause.getMessage();
        boolean told = cause instanceof IOException || cause instanceof UncheckedIOException;
        return told && message != null ? message : cause.toString();
    }

    static Reason reason(@Nullable Throwable cause) {
        if (cause instanceof SizeLimitException) {
            return Reason.SIZE_LIMIT;
        }
        return FullDisk.isCause(cause) ? Reason.NO_SPACE : Reason.FAILED;
    }

    /// Emptying the output must not destroy the input.
    private static void rejectInputAsOutput(CollectPlan plan, Vmcore vmcore) throws IOException {
        if (plan.dryRun() || !plan.overwrite() || !Files.exists(plan.dumpFile())) {
            return;
        }
        for (String name : vmcore.names()) {
            if (isSameFile(name, plan.dumpFile())) {
                throw new IOException("[" + plan.dumpFile() + "] is the input and cannot be the output too");
            }
        }
    }

    private static boolean isSameFile(String name, Path file) throws IOException {
        try {
            Path input = Path.of(name);
            return Files.exists(input) && Files.isSameFile(input, file);
        } catch (InvalidPathException notAFile) {
            return false;
        }
    }
}
