// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Which parts of a split dump to join.
///
/// @param parts the parts, at least one, in any order
/// @param dumpFile where to
/// @param overwrite an existing dump file may be overwritten; it keeps its mode and owner
/// @param sizeLimitBytes the file must not grow past this; [#NO_LIMIT] if it may
/// @param workDirectory where parts that are packed are unpacked to; empty: TMPDIR, else /var/tmp
/// @param lastResort told of the file's failure when the system lets no writer go: only the end of the process ends it
public record ReassemblePlan(List<Path> parts, Path dumpFile, boolean overwrite, long sizeLimitBytes,
        Optional<Path> workDirectory, Consumer<IOException> lastResort) {
    /// Value of sizeLimitBytes: no limit.
    public static final long NO_LIMIT = OutputFile.NO_LIMIT;

    /// Rejects what cannot be done, and takes a copy of the list.
    public ReassemblePlan {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one part");
        }
        if (sizeLimitBytes < 1) {
            throw new IllegalArgumentException("sizeLimitBytes must be at least 1 but was " + sizeLimitBytes);
        }
    }

    /// A new file, no limit.
    public static ReassemblePlan of(List<Path> parts, Path dumpFile) {
        return new ReassemblePlan(parts, dumpFile, false, NO_LIMIT, Optional.empty(), failure -> {});
    }
}
