// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.filter.codec.Compression;

/// The dump that is made, and how.
///
/// @param file the dump file; only a name for messages where the dump is flattened
/// @param flattened the dump goes to standard output as flattened data
/// @param sizeLimitBytes largest dump file, or [CollectPlan#NO_LIMIT]
record DumpOutput(Path file, boolean flattened, Compression compression, boolean overwrite, boolean dryRun,
        long sizeLimitBytes) {
    /// What standard output is called in messages.
    static final Path STANDARD_OUTPUT = Path.of("STDOUT");

    /// The second operand, and the options that concern it.
    static DumpOutput of(CommandLine line) {
        boolean flattened = line.has(Option.FLATTEN);
        return new DumpOutput(flattened ? STANDARD_OUTPUT : Path.of(line.operands().get(1)), flattened,
                compression(line), line.has(Option.FORCE), line.has(Option.DRY_RUN),
                line.sizeLimit().orElse(CollectPlan.NO_LIMIT));
    }

    /// A new file without limit.
    static DumpOutput of(Path file, Compression compression) {
        return new DumpOutput(file, false, compression, false, false, CollectPlan.NO_LIMIT);
    }

    private static Compression compression(CommandLine line) {
        Optional<Option> given = line.compression();
        if (given.isEmpty()) {
            return Compression.NONE;
        }
        return switch (given.get()) {
            case ZLIB -> Compression.ZLIB;
            case LZO -> Compression.LZO;
            case SNAPPY -> Compression.SNAPPY;
            case ZSTD -> Compression.ZSTD;
            default -> throw new IllegalStateException(given.get().shown() + " is no compression");
        };
    }
}
