// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The results for people.
final class MarkdownReport {
    /// Between notes and report.
    static final String GENERATED = """
            ## Measured

            Everything from here on is written by `bench/compare`; what stands above is kept in a file of its own.

            """;
    private static final String HEAD = """

            | case | program | rounds | wall | user | system | peak | written | ratio |
            |---|---|---|---|---|---|---|---|---|
            """;
    /// Of fewer rounds no spread is told.
    private static final int ROUNDS_OF_A_SPREAD = 3;

    private MarkdownReport() {}

    static String of(Map<String, String> facts, List<Result> results) {
        StringBuilder text = new StringBuilder();
        facts.forEach((name, value) -> text.append("- ").append(name).append(": ").append(value).append('\n'));
        appendSummary(text, results);
        text.append("\nBelow: median (least to greatest) of the rounds; seconds, MiB resident at most, MB written. Of"
                + " fewer than ").append(ROUNDS_OF_A_SPREAD).append(" rounds\nthere is no spread.\n");
        String before = "";
        for (Result result : results) {
            String title = "\n### " + result.vmcore() + ", `-d " + result.level() + "`\n";
            if (!title.equals(before)) {
                text.append(title).append(HEAD);
                before = title;
            }
            append(text, result);
        }
        text.append("\n### What was written\n\n");
        results.forEach(result -> written(result).forEach(text::append));
        return text.toString();
    }

    /// Lines about the proof and failures.
    static List<String> written(Result result) {
        String name = "- " + result.vmcore() + ", " + result.kind().title() + ", `-d " + result.level() + "`: ";
        List<String> lines = new ArrayList<>();
        if (result.failures().isEmpty()) {
            String line = result.proof().line().isEmpty() ? "not proved" : result.proof().line();
            lines.add(name + (result.proof().holds() ? "" : "PROOF FAILED: ") + line + "\n");
        }
        result.failures().forEach(failure -> lines.add(name + "FAILED: " + failure + "\n"));
        return lines;
    }

    /// A table of ratios: a row a case, a column for each of ours, those on few CPUs first.
    private static void appendSummary(StringBuilder text, List<Result> results) {
        boolean peersOfSeveralThreads = results.stream().anyMatch(result -> result.rows().stream()
                .filter(row -> !row.contender().ours() && row.contender().cpus().isEmpty()).count() > 1);
        List<String> columns = Stream.of(false, true).flatMap(unbound -> ours(results)
                .filter(contender -> contender.cpus().isEmpty() == unbound).map(Contender::title).distinct()).toList();
        text.append("\n### In short\n\nWall time divided by makedumpfile's ")
                .append(peersOfSeveralThreads ? "at its best number of threads " : "")
                .append("""
                        on the same CPUs, the median of the rounds; below 1 vmsieve is faster.
                        The last column is bytes written, divided likewise: below 1 vmsieve's file is smaller.

                        """);
        text.append("| vmcore | level | case |");
        columns.forEach(title -> text.append(' ').append(title).append(" |"));
        text.append(" written |\n|---|---|---|").append("---|".repeat(columns.size() + 1)).append('\n');
        results.forEach(result -> appendShort(text, result, columns));
    }

    private static Stream<Contender> ours(List<Result> results) {
        return results.stream().flatMap(result -> result.rows().stream()).map(Result.Row::contender)
                .filter(Contender::ours);
    }

    private static void appendShort(StringBuilder text, Result result, List<String> columns) {
        text.append("| ").append(result.vmcore()).append(" | ").append(result.level()).append(" | ")
                .append(result.kind().title()).append(" |");
        Map<String, Result.Row> rows = result.rows().stream()
                .collect(Collectors.toMap(row -> row.contender().title(), row -> row));
        for (String column : columns) {
            Result.Row row = rows.get(column);
            text.append(' ').append(row == null
                    ? ""
                    : result.ratio(row).map(ratio -> number("%.2f", ratio.median())).orElse("")).append(" |");
        }
        text.append(' ').append(result.rows().stream().filter(row -> row.contender().ours()).findFirst()
                .flatMap(row -> result.bestPeer(row)
                        .map(peer -> number("%.2f", (double) row.outputBytes() / peer.outputBytes())))
                .orElse("")).append(" |\n");
    }

    private static void append(StringBuilder text, Result result) {
        for (Result.Row row : result.rows()) {
            boolean spread = row.runs().size() >= ROUNDS_OF_A_SPREAD;
            text.append("| ").append(result.kind().title()).append(" | ").append(row.contender().title()).append(" | ")
                    .append(row.runs().size()).append(" | ")
                    .append(number("%.3f", row.wall().median()))
                    .append(spread ? " (" + range(row.wall(), "%.3f") + ")" : "").append(" | ")
                    .append(middle(row.samples(Usage::userSeconds))).append(" | ")
                    .append(middle(row.samples(Usage::systemSeconds))).append(" | ")
                    .append(number("%.1f", row.samples(run -> run.peakKib() / 1024.0).median())).append(" | ")
                    .append(number("%.1f", row.outputBytes() / 1e6)).append(" | ")
                    .append(result.ratio(row).map(ratio -> ratio(ratio, spread)).orElse(""))
                    .append(" |\n");
        }
    }

    private static String ratio(Samples ratio, boolean spread) {
        String median = number("%.2f", ratio.median());
        return spread ? "**" + median + "** (" + range(ratio, "%.2f") + ")" : median;
    }

    private static String range(Samples samples, String format) {
        return number(format, samples.least()) + " to " + number(format, samples.greatest());
    }

    private static String middle(Samples samples) {
        return number("%.3f", samples.median());
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
