// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.util.OptionalLong;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.console.ConsoleProgress;
import dev.vmsieve.cli.console.MessageLevel;
import dev.vmsieve.cli.console.ReportPrinter;
import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.collector.IncompleteDumpException;
import dev.vmsieve.collector.plan.DumpFormat;

/// Makes one dump file of one vmcore: the mode without a mode option.
final class DumpCommand {
    private final CommandLine line;
    private final Console console;
    private final Interruption interruption;
    private final OutputStream data;

    /// @param data standard output, where `-F` sends the dump
    DumpCommand(CommandLine line, Console console, Interruption interruption, OutputStream data) {
        this.line = line;
        this.console = console;
        this.interruption = interruption;
        this.data = data;
    }

    /// Runs; failures that a user, a dump or the system can cause are told here.
    ///
    /// @param args the whole line, for the debugging message
    /// @return the exit code
    int run(String[] args) throws IOException {
        DebugPrinter.printCommandLine(console, args);
        DumpRequest request = DumpRequest.of(line);
        if (line.threads() > request.threads()) {
            Console.sayPatiently(
                    () -> console.common("The number of threads is decreased to " + request.threads() + "."));
        }
        OutputCheck.checkWorkDirectory(line.value(Option.WORK_DIR));
        DumpOutcome outcome;
        try (ConsoleProgress progress = new ConsoleProgress(console)) {
            outcome = new DumpRun(request, console, progress, interruption, data).run();
        } catch (IncompleteDumpException e) {
            return incomplete(e);
        }
        OptionalLong inElf = request.output().format() == DumpFormat.ELF
                ? OptionalLong.of(outcome.written().pages())
                : OptionalLong.empty();
        ReportPrinter.print(console, outcome.counts(), inElf, outcome.written().writtenBytes(),
                outcome.written().times());
        warn(request, outcome);
        if (outcome.leftAlone()) {
            console.common(outcome.saving().refusalLine(request.output().minSaving().orElse(0)));
            return ExitCode.TOO_LITTLE_SAVED;
        }
        console.common("");
        DumpOutput output = request.output();
        boolean several = output.split().isPresent();
        String verb = output.dryRun() ? "would be" : several ? "are" : "is";
        console.common("The dumpfile" + (several ? "s " : " ") + verb + " saved to " + output.shown() + ".");
        if (output.dryRun()) {
            console.common(outcome.saving().dryRunLine(output));
        }
        console.common("");
        console.common(console.program() + " Completed.");
        return ExitCode.DONE;
    }

    private void warn(DumpRequest request, DumpOutcome outcome) {
        long unreadable = outcome.written().unreadablePages();
        if (unreadable > 0) {
            console.error("[" + request.input().file() + "] " + unreadable
                    + (unreadable == 1 ? " page" : " pages") + " could not be read and count as filled with zeroes.");
        }
    }

    private int incomplete(IncompleteDumpException failure) {
        if (DumpRun.isLackOfSpace(failure) && console.shows(MessageLevel.COMMON)) {
            console.common("");
            console.common(String.valueOf(failure.getMessage()));
        } else if (failure.reason() == IncompleteDumpException.Reason.CANCELLED) {
            console.error("Interrupted by a signal: " + failure.getMessage());
        } else {
            ErrorMessages.report(failure, console);
        }
        return ExitCode.FAILED;
    }
}
