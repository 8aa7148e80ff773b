// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.collector.CollectReport;
import dev.vmsieve.collector.Collector;
import dev.vmsieve.collector.IncompleteDumpException;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpFormat;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.filter.FilterPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.PageFilter;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.KernelMismatchException;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.paging.KernelMap;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;

/// The way of one dump through the libraries: open, find the kernel, filter, collect, and again with the next level if
/// space did not suffice.
final class DumpRun {
    private final DumpRequest request;
    private final Console console;
    private final Progress progress;
    private final Interruption interruption;
    private final OutputStream data;
    /// The last attempt that left something on the disk.
    private Optional<IncompleteDumpException> left = Optional.empty();

    /// @param data standard output, where flattened data go
    DumpRun(DumpRequest request, Console console, Progress progress, Interruption interruption, OutputStream data) {
        this.request = request;
        this.console = console;
        this.progress = progress;
        this.interruption = interruption;
        this.data = data;
    }

    /// Makes the dump.
    ///
    /// @throws IncompleteDumpException if a marked, incomplete file was left
    DumpOutcome run() throws IOException {
        try {
            return openAndCollect();
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            if (e instanceof FileSystemException || message.startsWith("[")) {
                throw e;
            }
            // The system's own words ("Input/output error") come without a name; the output's errors have theirs.
            throw new IOException("[" + request.input().file() + "] " + message, e);
        }
    }

    private DumpOutcome openAndCollect() throws IOException {
        DumpInput input = request.input();
        DumpOutput output = request.output();
        OutputCheck.check(input, output);
        if (output.minSaving().isPresent() && input.bytes().isEmpty()) {
            throw new IOException("[" + input.file() + "] input: must be a regular file for --min-saving");
        }
        Optional<Vmcoreinfo> given = input.given(progress);
        try (Vmcore vmcore = input.open(request.bitmapDirectory(), progress)) {
            if (output.split().isPresent()) {
                output.split().get().checkBlocks(vmcore.pageBytes());
            }
            Optional<Kernel> kernel = openKernel(vmcore, given);
            DebugPrinter.print(console, input.file(), vmcore, kernel);
            PageWalkPrinter.print(console, input.vtop(), kernel);
            return collect(vmcore, kernel);
        }
    }

    private DumpOutcome collect(Vmcore vmcore, Optional<Kernel> kernel) throws IOException {
        DumpIdentity identity = identity(vmcore, kernel);
        CollectPlan plan = request.output().plan().withThreads(request.threads())
                .withCancellation(interruption.cancellation());
        int attempt = 0;
        while (true) {
            DumpLevel level = DumpLevel.of(request.levels().get(attempt++));
            boolean last = attempt == request.levels().size();
            FilterResult filtered = PageFilter.filter(vmcore, kernel,
                    FilterPlan.of(level, request.threads()).withWorkDirectory(request.bitmapDirectory()),
                    progress);
            try {
                return collectIfWorthIt(plan, last, vmcore, filtered, identity);
            } catch (IncompleteDumpException e) {
                // What went down a stream cannot be taken back.
                if (last || !isLackOfSpace(e) || request.output().flattened() || interruption.requested()) {
                    throw e;
                }
                announceRetry(request.levels().get(attempt), e);
                // The attempt's file is ours, whoever may overwrite what.
                plan = plan.withOverwrite(plan.overwrite() || left.isPresent());
            }
        }
    }

    /// The size is asked for first, by a dry run: a file that is there is not touched for nothing.
    private DumpOutcome collectIfWorthIt(CollectPlan plan, boolean last, Vmcore vmcore, FilterResult filtered,
            DumpIdentity identity) throws IOException {
        OptionalInt wanted = request.output().minSaving();
        if (wanted.isPresent()) {
            DumpOutcome dry = outcome(filtered, collect(plan.withDryRun(true), last, vmcore, filtered, identity));
            boolean worthIt = dry.saving().isAtLeast(wanted.getAsInt());
            if (!worthIt || plan.dryRun()) {
                return worthIt ? dry : dry.nothingWritten();
            }
        }
        return outcome(filtered, collect(plan, last, vmcore, filtered, identity));
    }

    private DumpOutcome outcome(FilterResult filtered, CollectReport written) throws IOException {
        Saving saving = new Saving(request.input().shown(), request.input().bytes(), written.fileBytes());
        return new DumpOutcome(filtered.level(), filtered.counts().withZero(written.zeroPages()), written, saving,
                false);
    }

    /// A kdump file does not say where the kernel sees memory; the kernel does.
    private DumpIdentity identity(Vmcore vmcore, Optional<Kernel> kernel) throws IOException {
        DumpIdentity identity = DumpIdentity.of(vmcore, kernel);
        boolean unknown = request.output().format() == DumpFormat.ELF && vmcore.segments().isEmpty();
        return unknown && kernel.isPresent()
                ? identity.withSegments(KernelMap.segments(vmcore, kernel.get()))
                : identity;
    }

    private CollectReport collect(CollectPlan plan, boolean last, Vmcore vmcore, FilterResult filtered,
            DumpIdentity identity) throws IOException {
        if (!interruption.beginWriting()) {
            throw left.isPresent()
                    ? left.get()
                    : new IOException(
                            "[" + request.output().file() + "] interrupted by a signal before anything was written");
        }
        Optional<String> lastWords = Optional.empty();
        try {
            if (!plan.dryRun()) {
                discardAttempt();
            }
            CollectReport report = write(plan, last, vmcore, filtered, identity);
            if (!plan.dryRun()) {
                lastWords = Optional.of("Interrupted by a signal; [" + request.output().file() + "] is complete.");
            }
            return report;
        } catch (IncompleteDumpException e) {
            lastWords = Optional.of("Interrupted by a signal; " + e.getMessage());
            if (!plan.dryRun()) {
                left = Optional.of(e);
            }
            throw e;
        } finally {
            interruption.endWriting(lastWords);
        }
    }

    private CollectReport write(CollectPlan plan, boolean last, Vmcore vmcore, FilterResult filtered,
            DumpIdentity identity) throws IOException {
        if (request.output().flattened()) {
            return Collector.flatten(plan, channel(), vmcore, filtered, identity, progress);
        }
        Optional<SplitPlan> split = request.output().split();
        return split.isPresent()
                ? Collector.split(plan, split.get().withSalvage(last), vmcore, filtered, identity, progress)
                : Collector.collect(plan, vmcore, filtered, identity, progress);
    }

    /// Gives the disk back what the attempt before filled it with. Only now: had the next one not come to its pages, that
    /// would have been all there is.
    private void discardAttempt() throws IOException {
        if (left.isEmpty() || left.get().pagesWritten() == 0) {
            return;
        }
        interruption.leaves("Interrupted by a signal; [" + request.output().file()
                + "] is empty: the attempt before had no room for its pages.");
        for (Path file : request.output().files()) {
            if (Files.isRegularFile(file)) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(0);
                }
            }
        }
    }

    private WritableByteChannel channel() {
        return data instanceof FileOutputStream file ? file.getChannel() : Channels.newChannel(data);
    }

    static boolean isLackOfSpace(IncompleteDumpException failure) {
        return failure.reason() == IncompleteDumpException.Reason.NO_SPACE
                || failure.reason() == IncompleteDumpException.Reason.SIZE_LIMIT;
    }

    private void announceRetry(int level, IncompleteDumpException failure) {
        // A console that takes nothing must not keep the next attempt from its work.
        Console.sayPatiently(() -> {
            console.common("");
            console.common(String.valueOf(failure.getMessage()));
            console.common("Retry to create a dumpfile by dump_level(" + level + ").");
        });
    }

    private Optional<Kernel> openKernel(Vmcore vmcore, Optional<Vmcoreinfo> given) throws IOException {
        try {
            return Optional.of(Kernel.open(vmcore, given, progress));
        } catch (KernelMismatchException e) {
            throw e;
        } catch (DumpException e) {
            for (int level : request.levels()) {
                DumpLevel asked = DumpLevel.of(level);
                if (PageFilter.needsKernel(vmcore, asked)) {
                    throw new IOException(e.getMessage() + PageFilter.lower(asked), e);
                }
            }
            progress.warning(e.getMessage() + "; nothing but zero pages can be told apart");
            return Optional.empty();
        }
    }
}
