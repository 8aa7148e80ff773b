// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;

/// Copies a dump file while it is being written, when so many pages are done: what a kill would leave. For one thread.
final class CopyInTheMiddle implements Progress {
    private final Path file;
    private final Path copy;
    private final long pages;
    private long done;

    CopyInTheMiddle(Path file, Path copy, long pages) {
        this.file = file;
        this.copy = copy;
        this.pages = pages;
    }

    @Override
    public void begin(Stage stage, long total) {}

    @Override
    public void advance(long amount) {
        done += amount;
        if (done == pages) {
            try {
                Files.copy(file, copy);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void end(Stage stage) {}

    @Override
    public void warning(String message) {}
}
