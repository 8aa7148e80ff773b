// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.nio.file.Path;
import java.util.List;

import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.filter.unpack.WorkFile;

/// One dump to be made of another.
///
/// @param levels dump levels in the order to be tried, each 0 to 31, at least one
record DumpRequest(DumpInput input, DumpOutput output, List<Integer> levels, int threads) {
    /// More than this many threads would only cost memory.
    static final int MAX_THREADS = 256;

    /// What a checked command line of the dump mode asks for.
    static DumpRequest of(CommandLine line) {
        return new DumpRequest(DumpInput.of(line), DumpOutput.of(line), line.levels(), threads(line));
    }

    /// Where bitmaps go that are more than memory is to hold: beside the dump, since in a capture kernel the usual places
    /// are memory too.
    Path bitmapDirectory() {
        if (input.workDirectory().isPresent()) {
            return input.workDirectory().get();
        }
        Path directory = output.file().toAbsolutePath().getParent();
        return output.flattened() || directory == null ? WorkFile.usualDirectory() : directory;
    }

    /// How many threads the line asks for, as far as the machine has room for them.
    static int threads(CommandLine line) {
        int wanted = line.has(Option.NUM_THREADS)
                ? Math.max(line.threads(), 1)
                : Runtime.getRuntime().availableProcessors();
        return ThreadLimit.of(Math.min(wanted, MAX_THREADS));
    }
}
