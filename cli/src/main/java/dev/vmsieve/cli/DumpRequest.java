// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.filter.codec.Compression;

/// One dump to be made.
///
/// @param output the dump file; only a name for messages where the dump is flattened
/// @param flattened the dump goes to standard output as flattened data
/// @param levels dump levels in the order to be tried, each 0 to 31, at least one
/// @param sizeLimitBytes largest dump file, or [CollectPlan#NO_LIMIT]
/// @param vmcoreinfo file with the kernel's VMCOREINFO
/// @param workDirectory where an input that is packed or a pipe is unpacked to
record DumpRequest(Path input, Path output, boolean flattened, List<Integer> levels, Compression compression,
        int threads, boolean overwrite, boolean dryRun, boolean mmap, long sizeLimitBytes, Optional<Path> vmcoreinfo,
        Optional<Path> workDirectory) {
    /// What standard output is called in messages.
    static final Path STANDARD_OUTPUT = Path.of("STDOUT");
    /// More than this many threads would only cost memory.
    static final int MAX_THREADS = 256;

    /// What a checked command line of the dump mode asks for.
    static DumpRequest of(CommandLine line) {
        boolean flattened = line.has(Option.FLATTEN);
        return new DumpRequest(Path.of(line.operands().get(0)),
                flattened ? STANDARD_OUTPUT : Path.of(line.operands().get(1)), flattened, line.levels(),
                compression(line), threads(line), line.has(Option.FORCE), line.has(Option.DRY_RUN),
                !line.has(Option.NON_MMAP), line.sizeLimit().orElse(CollectPlan.NO_LIMIT),
                line.value(Option.VMCOREINFO).map(Path::of), line.value(Option.WORK_DIR).map(Path::of));
    }

    private static int threads(CommandLine line) {
        int wanted = line.has(Option.NUM_THREADS)
                ? Math.max(line.threads(), 1)
                : Runtime.getRuntime().availableProcessors();
        return ThreadLimit.of(Math.min(wanted, MAX_THREADS));
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
