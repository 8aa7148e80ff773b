// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.doctor.Doctor;
import dev.vmsieve.cli.doctor.DoctorReport;
import dev.vmsieve.cli.doctor.FilterJob;

/// Tells whether the next crash of this system would be captured (`doctor`). Changes nothing.
final class DoctorCommand {
    private final Console console;

    DoctorCommand(Console console) {
        this.console = console;
    }

    /// Runs the checks and prints what they found.
    ///
    /// @param operands options of this command
    /// @return 0, or 1 if a check failed
    int run(String[] operands) {
        boolean json = false;
        Optional<Path> root = Optional.empty();
        for (int i = 0; i < operands.length; i++) {
            if (operands[i].equals("--json")) {
                json = true;
            } else if (operands[i].equals("--root") && i + 1 < operands.length) {
                root = Optional.of(Path.of(operands[++i]));
            } else {
                console.always("usage: " + console.program() + " doctor [--json] [--root DIRECTORY]");
                return ExitCode.FAILED;
            }
        }
        if (root.isPresent() && !Files.isDirectory(root.get())) {
            console.error("[" + root.get() + "] --root must be a directory.");
            return ExitCode.FAILED;
        }
        DoctorReport report = Doctor.examine(root.orElse(Path.of("/")), Version.number(), new FilterJob());
        console.page(json ? report.json() : report.text());
        return report.fails() ? ExitCode.FAILED : ExitCode.DONE;
    }
}
