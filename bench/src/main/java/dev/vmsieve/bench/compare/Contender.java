// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.util.ArrayList;
import java.util.List;

/// A program with a number of threads.
///
/// @param ours the one that is measured against the other
/// @param program path
/// @param threads 0 for the program without any option about it
/// @param cpus what it is bound to, as taskset takes it; empty for all CPUs
record Contender(boolean ours, String program, int threads, String cpus) {
    /// All that take part in a case, in the order of the report. The peer has its default where it refuses threads.
    static List<Contender> of(Options options, CaseKind kind) {
        List<Contender> all = new ArrayList<>();
        options.threads().forEach(count -> all.add(new Contender(true, options.program(), count, "")));
        List<Integer> ofPeer = kind.peerTakesThreads() ? options.peerThreads() : List.of(0);
        ofPeer.forEach(count -> all.add(new Contender(false, options.peer(), count, "")));
        if (!options.cpus().isEmpty()) {
            all.add(new Contender(true, options.program(), 1, options.cpus()));
            all.add(new Contender(false, options.peer(), 0, options.cpus()));
        }
        return all;
    }

    /// For tables.
    String title() {
        return (ours ? "vmsieve" : "makedumpfile") + (threads == 0
                ? ""
                : ", " + threads + (threads == 1
                        ? " thread"
                        : " threads"))
                + (cpus.isEmpty() ? "" : ", on CPU " + cpus + " only");
    }

    /// What the shell becomes that starts it: the program inherits its CPUs.
    List<String> before() {
        return cpus.isEmpty() ? List.of() : List.of("taskset", "-c", cpus);
    }

    /// The whole line.
    List<String> command(CaseKind kind, int level, String input, String output) {
        List<String> command = new ArrayList<>(List.of(program));
        List<String> option = threads == 0 ? List.of() : List.of("--num-threads", Integer.toString(threads));
        command.addAll(kind.arguments(level, option, input, output));
        return command;
    }
}
