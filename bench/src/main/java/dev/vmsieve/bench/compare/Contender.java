// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.util.ArrayList;
import java.util.List;

/// A program with a number of threads.
///
/// @param ours the one that is measured against the other
/// @param program path
/// @param threads 0 for the program without any option about it
record Contender(boolean ours, String program, int threads) {
    /// For tables.
    String title() {
        return (ours ? "vmsieve" : "makedumpfile") + (threads == 0
                ? ""
                : ", " + threads + (threads == 1
                        ? " thread"
                        : " threads"));
    }

    /// The whole line.
    List<String> command(CaseKind kind, int level, String input, String output) {
        List<String> command = new ArrayList<>(List.of(program));
        List<String> option = threads == 0 ? List.of() : List.of("--num-threads", Integer.toString(threads));
        command.addAll(kind.arguments(level, option, input, output));
        return command;
    }
}
