// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/// What to make of a flattened stream.
///
/// @param dumpFile where to
/// @param overwrite an existing dump file may be overwritten; it keeps its mode and owner
/// @param dryRun read and check everything, but make no file
/// @param sizeLimitBytes the file must not grow past this; [#NO_LIMIT] if it may
/// @param lastResort told of the file's failure when the system lets no writer go: only the end of the process ends it
public record RearrangePlan(Path dumpFile, boolean overwrite, boolean dryRun, long sizeLimitBytes,
        Consumer<IOException> lastResort) {
    /// Value of sizeLimitBytes: no limit.
    public static final long NO_LIMIT = OutputFile.NO_LIMIT;

    /// Rejects what cannot be done.
    public RearrangePlan {
        if (sizeLimitBytes < 1) {
            throw new IllegalArgumentException("sizeLimitBytes must be at least 1 but was " + sizeLimitBytes);
        }
    }

    /// A new file, no limit.
    public static RearrangePlan of(Path dumpFile) {
        return new RearrangePlan(dumpFile, false, false, NO_LIMIT, failure -> {});
    }
}
