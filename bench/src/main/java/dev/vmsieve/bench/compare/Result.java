// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// What one case came to, for one vmcore and level.
///
/// @param vmcore name of the vmcore
/// @param kind the case
/// @param level dump level
/// @param load averages of the machine before it
/// @param rows one a contender that ran
/// @param proof about the pages in both files
/// @param failures what a contender said that failed
record Result(String vmcore, CaseKind kind, int level, String load, List<Row> rows, PageProof.Verdict proof,
        List<String> failures) {
    /// A contender's runs, one a round.
    ///
    /// @param outputBytes size of what it wrote
    record Row(Contender contender, List<Usage> runs, long outputBytes) {
        /// One quantity of each run.
        Samples samples(ToDoubleFunction<Usage> quantity) {
            return new Samples(runs.stream().map(quantity::applyAsDouble).toList());
        }

        Samples wall() {
            return samples(Usage::wallSeconds);
        }
    }

    /// The peer at the number of threads that serves it best, on the CPUs of that row.
    Optional<Row> bestPeer(Row of) {
        return rows.stream().filter(row -> !row.contender().ours())
                .filter(row -> row.contender().cpus().equals(of.contender().cpus()))
                .min(Comparator.comparingDouble(row -> row.wall().median()));
    }

    /// Wall time against the best peer's, round by round; nothing for the peer itself, or without one.
    Optional<Samples> ratio(Row row) {
        return bestPeer(row).filter(peer -> row.contender().ours()).map(peer -> row.wall().dividedBy(peer.wall()));
    }

    /// Everything ran, and the proof holds.
    boolean good() {
        return failures.isEmpty() && proof.holds();
    }

    /// Rows in the order of the contenders.
    static List<Row> rows(List<Contender> contenders, List<List<Usage>> runs, List<Long> sizes) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < contenders.size(); i++) {
            if (!runs.get(i).isEmpty()) {
                rows.add(new Row(contenders.get(i), List.copyOf(runs.get(i)), sizes.get(i)));
            }
        }
        return rows;
    }
}
