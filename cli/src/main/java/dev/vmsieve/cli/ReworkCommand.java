// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.console.ConsoleProgress;
import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.collector.rework.RearrangePlan;
import dev.vmsieve.collector.rework.Rearranger;
import dev.vmsieve.collector.rework.ReassemblePlan;
import dev.vmsieve.collector.rework.Reassembler;
import dev.vmsieve.filter.progress.Progress;

/// Makes one dump file out of what an earlier run wrote: a flattened stream (`-R`), or the files of a split dump
/// (`--reassemble`).
final class ReworkCommand {
    private final CommandLine line;
    private final Console console;
    private final Interruption interruption;
    private final InputStream in;

    /// @param in standard input
    ReworkCommand(CommandLine line, Console console, Interruption interruption, InputStream in) {
        this.line = line;
        this.console = console;
        this.interruption = interruption;
        this.in = in;
    }

    /// Runs; failures rise to the caller.
    ///
    /// @return the exit code
    int run() throws IOException {
        Path output = Path.of(line.operands().getLast());
        StandardStreams.refuseMessagesIn(output, "redirect them elsewhere");
        interruption.leaves("Interrupted by a signal; if " + output + " was begun, it is marked incomplete.");
        try (ConsoleProgress progress = new ConsoleProgress(console)) {
            if (line.has(Option.REARRANGE)) {
                rearrange(output, progress);
            } else {
                reassemble(output, progress);
            }
        }
        console.common("");
        console.common((line.has(Option.DRY_RUN) ? "The dumpfile would be saved to " : "The dumpfile is saved to ")
                + output + ".");
        console.common("");
        console.common(console.program() + " Completed.");
        return ExitCode.DONE;
    }

    private void rearrange(Path output, Progress progress) throws IOException {
        OutputCheck.check(List.of(), output, line.has(Option.FORCE));
        StandardStreams.refuseInput(output);
        Rearranger.rearrange(
                new RearrangePlan(output, line.has(Option.FORCE), line.has(Option.DRY_RUN),
                        line.sizeLimit().orElse(RearrangePlan.NO_LIMIT), interruption::outputLost),
                "STDIN", Channels.newChannel(in), progress);
    }

    private void reassemble(Path output, Progress progress) throws IOException {
        List<String> names = line.operands();
        List<Path> parts = DumpInput.paths(names.subList(0, names.size() - 1));
        OutputCheck.check(parts, output, line.has(Option.FORCE));
        Reassembler.reassemble(new ReassemblePlan(parts, output, line.has(Option.FORCE),
                line.sizeLimit().orElse(ReassemblePlan.NO_LIMIT), line.value(Option.WORK_DIR).map(Path::of),
                interruption::outputLost), progress);
    }
}
