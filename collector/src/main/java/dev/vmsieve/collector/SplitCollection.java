// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.collector.IncompleteDumpException.Reason;
import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.KdumpWriter;
import dev.vmsieve.collector.output.OutputChannel;
import dev.vmsieve.collector.output.WriteCounts;
import dev.vmsieve.collector.pipeline.CollectPipeline;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.filter.progress.WorkTimes;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Writes the parts of a split dump, one after the other, each by all threads.
///
/// All parts are begun, and so marked incomplete, before the first page is written, and the marks are removed together
/// when all pages of all parts are on the disk: readers refuse a set in which only some parts are marked. Each part has
/// all headers, notes and bitmaps, and room for the descriptors of all pages, of which it fills the first.
///
/// Where a part has no room the others are filled all the same if the plan says so: they may be on other disks.
final class SplitCollection {
    private final CollectPlan plan;
    private final SplitPlan split;
    private final Vmcore vmcore;
    private final FilterResult filtered;
    private final DumpBitmaps bitmaps;
    private final long pages;
    private final List<SplitPart> parts = new ArrayList<>();

    /// Makes the parts' outputs.
    interface Outputs {
        OutputChannel open(Path file) throws IOException;
    }

    SplitCollection(CollectPlan plan, SplitPlan split, Vmcore vmcore, FilterResult filtered) {
        this.plan = plan;
        this.split = split;
        this.vmcore = vmcore;
        this.filtered = filtered;
        this.bitmaps = filtered.bitmaps();
        this.pages = bitmaps.dumpable().cardinality();
    }

    /// Writes all parts.
    ///
    /// @throws IncompleteDumpException if pages are missing in any of them
    /// @throws IOException if no file was made
    CollectReport run(DumpIdentity identity, Outputs outputs, Progress progress) throws IOException {
        long start = System.nanoTime();
        List<PfnRange> ranges = split.ranges(bitmaps.dumpable(), vmcore.pageBytes(), vmcore.maxMapnr());
        try {
            create(ranges, identity, outputs);
            progress.begin(Stage.COPYING, pages);
            if (!begin()) {
                throw incomplete(discardAll());
            }
            copy(progress);
            complete();
            if (firstFailed() != null) {
                throw incomplete(abandonAll());
            }
            progress.end(Stage.COPYING);
            return report(System.nanoTime() - start);
        } finally {
            for (SplitPart part : parts) {
                part.output().close();
            }
        }
    }

    private void create(List<PfnRange> ranges, DumpIdentity identity, Outputs outputs) throws IOException {
        KdumpHead head = KdumpHead.of(vmcore, identity, filtered.level().bits(), plan.compression());
        try {
            for (int i = 0; i < ranges.size(); i++) {
                KdumpHead own = head.ofPart(ranges.get(i));
                Path file = split.files().get(i);
                OutputChannel output = outputs.open(file);
                KdumpWriter writer = new KdumpWriter(output, own.headers(), own.notes(), bitmaps, pages,
                        plan.sizeLimitBytes());
                parts.add(new SplitPart(file, ranges.get(i), output, writer));
            }
            split.checkFiles();
        } catch (IOException refused) {
            discardAll();
            throw refused;
        }
    }

    /// Discards all parts, and tells what is left of them, to end the message with.
    private String discardAll() {
        for (SplitPart part : parts) {
            part.discard();
        }
        return plan.dryRun() ? OutputChannel.DRY_RUN : OutputChannel.NOTHING_LEFT + discarded();
    }

    /// Of the parts that were discarded, those of which something is left all the same.
    private String discarded() {
        StringBuilder left = new StringBuilder();
        for (SplitPart part : parts) {
            if (!part.left().isEmpty() && !part.left().equals(OutputChannel.NOTHING_LEFT)) {
                left.append("; [").append(part.file()).append("] ").append(part.left());
            }
        }
        return left.toString();
    }

    /// Writes the headers of all parts. False if it makes no sense to go on.
    private boolean begin() {
        boolean any = false;
        for (SplitPart part : parts) {
            part.begin();
            if (mustStopAt(part)) {
                return false;
            }
            any |= part.begun();
        }
        return any;
    }

    private void copy(Progress progress) {
        DumpWriter kind = parts.getFirst().writer();
        try (CollectPipeline pipeline = new CollectPipeline(plan, vmcore, bitmaps, kind, progress)) {
            for (SplitPart part : parts) {
                if (part.begun()) {
                    part.copy(pipeline, bitmaps.dumpable(), plan.sizeLimitBytes());
                    if (mustStopAt(part)) {
                        return;
                    }
                }
            }
        }
    }

    private boolean mustStopAt(SplitPart part) {
        Reason reason = part.reason();
        return reason != null && !(split.salvage() && (reason == Reason.NO_SPACE || reason == Reason.SIZE_LIMIT));
    }

    /// Sees to it that everything is on the disk, and then removes the marks, as close to one another as can be.
    private void complete() {
        for (SplitPart part : parts) {
            if (firstFailed() == null) {
                part.force();
            }
        }
        for (SplitPart part : parts) {
            if (firstFailed() == null) {
                part.finish(vmcore.incomplete());
            }
        }
    }

    private @Nullable SplitPart firstFailed() {
        for (SplitPart part : parts) {
            if (part.reason() != null) {
                return part;
            }
        }
        return null;
    }

    /// Marks all parts that there are, and puts them in order as far as they got.
    ///
    /// @return what to tell the user of them
    private String abandonAll() {
        int left = 0;
        StringBuilder trouble = new StringBuilder();
        for (SplitPart part : parts) {
            if (part.begun()) {
                left++;
                try {
                    part.abandon();
                } catch (IOException | UncheckedIOException second) {
                    trouble.append("; [").append(part.file()).append("] could not be put in order (")
                            .append(second.getMessage()).append(')');
                }
            }
        }
        if (plan.dryRun()) {
            return OutputChannel.DRY_RUN;
        }
        String which = left == parts.size()
                ? "all " + left + " parts are "
                : left + " of " + parts.size()
                        + " parts are left, ";
        return which + "marked incomplete" + trouble + discarded();
    }

    private IncompleteDumpException incomplete(String left) {
        SplitPart failed = firstFailed();
        if (failed == null || failed.reason() == null) {
            throw new IllegalStateException("no part failed");
        }
        long written = 0;
        for (SplitPart part : parts) {
            written += part.pages();
        }
        return Collector.incomplete(failed.file(), failed.cause(), failed.reason(), written, pages, left);
    }

    private CollectReport report(long nanos) {
        WriteCounts sum = new WriteCounts(0, 0, 0, 0, 0);
        WorkTimes times = WorkTimes.NONE;
        for (SplitPart part : parts) {
            sum = sum.plus(part.counts());
            times = times.plus(part.times());
        }
        return Collector.report(sum, filtered.level().zero() ? sum.sharedPages() : 0, vmcore, nanos, times);
    }
}
