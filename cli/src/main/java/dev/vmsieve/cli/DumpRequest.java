// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.util.List;

import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;

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

    /// How many threads the line asks for, as far as the machine has room for them.
    static int threads(CommandLine line) {
        int wanted = line.has(Option.NUM_THREADS)
                ? Math.max(line.threads(), 1)
                : Runtime.getRuntime().availableProcessors();
        return ThreadLimit.of(Math.min(wanted, MAX_THREADS));
    }
}
