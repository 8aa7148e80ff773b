// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.console.ConsoleProgress;
import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.filter.debuginfo.Vmlinux;
import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// Makes a VMCOREINFO text file of a vmlinux (`-g VMCOREINFO -x VMLINUX`).
///
/// As with makedumpfile, a file of that name is overwritten without -f; but only by a whole one: the text is written under
/// another name first.
final class GenerateCommand {
    private final CommandLine line;
    private final Console console;
    private final Interruption interruption;

    GenerateCommand(CommandLine line, Console console, Interruption interruption) {
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
        Path vmlinux = Path.of(line.value(Option.VMLINUX).orElseThrow());
        Path file = Path.of(line.value(Option.GENERATE).orElseThrow());
        Optional<String> workDirectory = line.value(Option.WORK_DIR);
        OutputCheck.checkWorkDirectory(workDirectory);
        OutputCheck.check(List.of(vmlinux), file, true);
        Vmcoreinfo vmcoreinfo;
        try (ConsoleProgress progress = new ConsoleProgress(console)) {
            vmcoreinfo = Vmlinux.read(vmlinux, workDirectory.map(Path::of), progress);
        }
        interruption.leaves("Interrupted by a signal.");
        write(file, vmcoreinfo.bytes());
        console.common("");
        console.common("The vmcoreinfo is saved to " + file + ".");
        console.common("");
        console.common(console.program() + " Completed.");
        return ExitCode.DONE;
    }

    private static void write(Path file, byte[] text) throws IOException {
        boolean exists = Files.exists(file);
        boolean replaceable = exists ? Files.isRegularFile(file) : !Files.isSymbolicLink(file);
        if (!replaceable) {
            // A device such as /dev/stdout, or a link that is to be kept.
            Files.write(file, text);
            return;
        }
        Path target = exists ? file.toRealPath() : file.toAbsolutePath();
        Path partial = target.resolveSibling("." + target.getFileName() + ".partial-" + ProcessHandle.current().pid());
        try {
            Files.write(partial, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE,
                    StandardOpenOption.SYNC);
            if (exists) {
                Files.setPosixFilePermissions(partial,
                        Files.getPosixFilePermissions(target, LinkOption.NOFOLLOW_LINKS));
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }
}
