// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.console.ConsoleProgress;
import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.collector.rework.KernelLog;
import dev.vmsieve.collector.rework.LogFile;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Takes the crashed kernel's log out of a dump (`--dump-dmesg`): into a file, or as plain text to standard output with
/// `-F`.
final class KernelLogCommand {
    private final CommandLine line;
    private final Console console;
    private final Interruption interruption;
    private final OutputStream data;

    /// @param data standard output
    KernelLogCommand(CommandLine line, Console console, Interruption interruption, OutputStream data) {
        this.line = line;
        this.console = console;
        this.interruption = interruption;
        this.data = data;
    }

    /// Runs; failures rise to the caller.
    ///
    /// @param args the whole line, for the debugging message
    /// @return the exit code
    int run(String[] args) throws IOException {
        DebugPrinter.printCommandLine(console, args);
        DumpInput input = DumpInput.of(line);
        Optional<Path> file = line.has(Option.FLATTEN)
                ? Optional.empty()
                : Optional.of(Path.of(line.outputs().getFirst()));
        if (file.isPresent()) {
            OutputCheck.check(input, file.get(), line.has(Option.FORCE));
            interruption.leaves("Interrupted by a signal; if " + file.get() + " was begun, it is not complete.");
        }
        OutputCheck.checkWorkDirectory(line.value(Option.WORK_DIR));
        try (ConsoleProgress progress = new ConsoleProgress(console)) {
            Optional<Vmcoreinfo> given = input.given(progress);
            try (Vmcore vmcore = input.open(progress)) {
                Kernel kernel = Kernel.open(vmcore, given, progress);
                DebugPrinter.print(console, input.file(), vmcore, Optional.of(kernel));
                PageWalkPrinter.print(console, input.vtop(), Optional.of(kernel));
                print(kernel, vmcore.name(), file, progress);
            }
        }
        console.common("");
        console.common("The dmesg log is saved to " + file.map(Path::toString).orElse("STDOUT") + ".");
        console.common("");
        console.common(console.program() + " Completed.");
        return ExitCode.DONE;
    }

    private void print(Kernel kernel, String name, Optional<Path> file, Progress progress) throws IOException {
        boolean partial = line.has(Option.PARTIAL_DMESG);
        if (file.isEmpty()) {
            KernelLog.print(kernel, name, partial, new NamedStream(data, "the log is not complete"), progress);
            return;
        }
        try (var log = new LogFile(file.get(), line.has(Option.FORCE), line.sizeLimit().orElse(LogFile.NO_LIMIT),
                interruption::outputLost)) {
            KernelLog.print(kernel, name, partial, log, progress);
            log.finish();
        }
    }
}
