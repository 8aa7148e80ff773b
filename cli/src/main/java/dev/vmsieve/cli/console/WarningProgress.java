// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;

/// Passes on warnings and nothing else: for what is over soon, or whose output is a table.
public final class WarningProgress implements Progress {
    private final Console console;

    /// Warnings are error messages of this console.
    public WarningProgress(Console console) {
        this.console = console;
    }

    @Override
    public void begin(Stage stage, long total) {}

    @Override
    public void advance(long amount) {}

    @Override
    public void end(Stage stage) {}

    @Override
    public void warning(String message) {
        console.error(message);
    }
}
