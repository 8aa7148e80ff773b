// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.util.Optional;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.console.UsagePrinter;
import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.collector.CollectReport;
import dev.vmsieve.collector.Collector;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.PageFilter;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.kernel.VmcoreinfoPointer;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.unpack.WorkFile;
import dev.vmsieve.filter.vmcore.LiveVmcore;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Tells what the memory of the running system (/proc/kcore), or of a dump, holds, and how large a dump would be
/// (`--mem-usage`).
///
/// It does what a dump at level 31 does, except writing: the same classifier, the same reading of what is left. The
/// system goes on meanwhile, so its numbers are those of no single moment; what can no longer be followed is kept.
final class MemoryUsageCommand {
    private final CommandLine line;
    private final Console console;
    private final Interruption interruption;

    MemoryUsageCommand(CommandLine line, Console console, Interruption interruption) {
        this.line = line;
        this.console = console;
        this.interruption = interruption;
    }

    /// Runs; failures rise to the caller.
    ///
    /// @param args the whole line, for the debugging message
    /// @return the exit code
    int run(String[] args) throws IOException {
        DebugPrinter.printCommandLine(console, args);
        DumpInput input = DumpInput.of(line);
        Progress progress = Progress.warnings(console::error);
        Optional<Vmcoreinfo> given = input.given(progress);
        if (!LiveVmcore.isLive(input.file())) {
            try (Vmcore vmcore = input.open(progress)) {
                print(input, vmcore, given, 0, progress);
            }
            return ExitCode.DONE;
        }
        try (LiveVmcore vmcore = LiveVmcore.open(input.file(), LiveVmcore.IOMEM, progress)) {
            Optional<Vmcoreinfo> named = given.isPresent() || vmcore.vmcoreinfo().isPresent()
                    ? given
                    : VmcoreinfoPointer.follow(VmcoreinfoPointer.SYSFS, vmcore);
            print(input, vmcore, named, vmcore.reservedPages(), progress);
        }
        return ExitCode.DONE;
    }

    private void print(DumpInput input, Vmcore vmcore, Optional<Vmcoreinfo> given, long reservedPages,
            Progress progress) throws IOException {
        int threads = DumpRequest.threads(line);
        Compression compression = DumpOutput.compression(line);
        Optional<Kernel> kernel = Optional.of(Kernel.open(vmcore, given, progress));
        DebugPrinter.print(console, input.file(), vmcore, kernel);
        FilterResult filtered = PageFilter.filter(vmcore, kernel, FilterPlan.of(DumpLevel.of(DumpLevel.MAX), threads)
                .withWorkDirectory(input.workDirectory().orElseGet(WorkFile::usualDirectory)).withHeldOnly(),
                progress);
        CollectPlan plan = CollectPlan.of(DumpOutput.STANDARD_OUTPUT, compression)
                .withZstdLevel(line.zstdLevel()).withDryRun(true)
                .withThreads(threads).withCancellation(interruption.cancellation());
        CollectReport report = Collector.collect(plan, vmcore, filtered, DumpIdentity.of(vmcore, kernel), progress);
        UsagePrinter.print(console,
                new UsagePrinter.Usage(filtered.counts().withZero(report.zeroPages()), reservedPages,
                        vmcore.pageBytes(), filtered.level(), vmcore.dumpLevel(), compression, line.zstdLevel(),
                        report.fileBytes()));
        if (report.unreadablePages() > 0) {
            console.error("[" + input.file() + "] " + report.unreadablePages()
                    + " pages could not be read and count as filled with zeroes.");
        }
    }
}
