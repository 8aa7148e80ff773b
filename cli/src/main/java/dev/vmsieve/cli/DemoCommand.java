// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import dev.vmsieve.cli.console.Console;

/// Shows the whole way on an embedded example.
final class DemoCommand {
    private final Console console;

    DemoCommand(Invocation invocation, Console console, Interruption interruption) {
        this.console = console;
    }

    /// Runs the demo.
    ///
    /// @param operands at most one: the directory for its files
    /// @return the exit code
    int run(String[] operands) {
        console.error("demo is not supported yet.");
        return ExitCode.FAILED;
    }
}
