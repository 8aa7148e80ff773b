// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpFormat;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.filter.codec.Compression;

/// The dump that is made, and how.
///
/// @param file the dump file, or the first part; only a name for messages where the dump is flattened
/// @param split the parts of a split dump
/// @param flattened the dump goes to standard output as flattened data
/// @param format what the dump file is; an ELF file is not compressed
/// @param zstdLevel level of zstd, if one is asked for
/// @param sizeLimitBytes largest dump file, or [CollectPlan#NO_LIMIT]
/// @param minSaving percent by which it must be smaller than the input
record DumpOutput(Path file, Optional<SplitPlan> split, boolean flattened, DumpFormat format, Compression compression,
        OptionalInt zstdLevel, boolean overwrite, boolean dryRun, long sizeLimitBytes, OptionalInt minSaving) {
    /// What standard output is called in messages.
    static final Path STANDARD_OUTPUT = Path.of("STDOUT");

    /// The last operand, or several of them, and the options that concern them.
    static DumpOutput of(CommandLine line) {
        boolean flattened = line.has(Option.FLATTEN);
        return new DumpOutput(flattened ? STANDARD_OUTPUT : Path.of(line.outputs().getFirst()), split(line), flattened,
                line.has(Option.ELF) ? DumpFormat.ELF : DumpFormat.KDUMP, compression(line), line.zstdLevel(),
                line.has(Option.FORCE),
                line.has(Option.DRY_RUN), line.sizeLimit().orElse(CollectPlan.NO_LIMIT), line.minSaving());
    }

    /// A new file without limit.
    static DumpOutput of(Path file, Compression compression) {
        return new DumpOutput(file, Optional.empty(), false, DumpFormat.KDUMP, compression, OptionalInt.empty(), false,
                false,
                CollectPlan.NO_LIMIT, OptionalInt.empty());
    }

    private static Optional<SplitPlan> split(CommandLine line) {
        return line.has(Option.SPLIT)
                ? Optional.of(new SplitPlan(DumpInput.paths(line.outputs()), line.splitblockBytes(), true))
                : Optional.empty();
    }

    /// All files that are made: none where the dump is flattened.
    List<Path> files() {
        return flattened ? List.of() : split.map(SplitPlan::files).orElse(List.of(file));
    }

    /// What was made, for the user: "dump", "a, and b", "a, b, and c".
    String shown() {
        if (split.isEmpty()) {
            return file.toString();
        }
        StringBuilder names = new StringBuilder();
        List<Path> files = split.get().files();
        for (int i = 0; i < files.size(); i++) {
            names.append(i == 0 ? "" : i < files.size() - 1 ? ", " : ", and ").append(files.get(i));
        }
        return names.toString();
    }

    /// What the collector is to write, with one thread.
    CollectPlan plan() {
        CollectPlan plan = format == DumpFormat.ELF ? CollectPlan.elf(file) : CollectPlan.of(file, compression);
        return plan.withZstdLevel(zstdLevel).withOverwrite(overwrite).withDryRun(dryRun).withSizeLimit(sizeLimitBytes);
    }

    /// The compression a line asks for.
    static Compression compression(CommandLine line) {
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
