// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The results for people.
final class MarkdownReport {
    private static final String HEAD = """

            | case | program | rounds | wall | user | system | peak | written | ratio |
            |---|---|---|---|---|---|---|---|---|
            """;

    private MarkdownReport() {}

    static String of(Map<String, String> facts, List<Result> results) {
        StringBuilder text = new StringBuilder();
        facts.forEach((name, value) -> text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append("\nMedian (least to greatest) of the rounds; seconds, MiB resident at most, MB written. A ratio is"
                + " the median of\nthe rounds' wall times divided by the peer's at its best number of threads; below 1"
                + " vmsieve is faster.\n");
        String before = "";
        for (Result result : results) {
            String title = "\n### " + result.vmcore() + ", `-d " + result.level() + "`\n";
            if (!title.equals(before)) {
                text.append(title)
                        .append(HEAD);
                before = title;
            }
            append(text, result);
        }
        text.append("\n### What was written\n\n");
        for (Result result : results) {
            String name = "- " + result.vmcore() + ", " + result.kind().title() + ", `-d " + result.level() + "`: ";
            if (!result.proof().isEmpty()) {
                text.append(name).append(result.proof()).append('\n');
            }
            result.failures().forEach(failure -> text.append(name).append("FAILED: ").append(failure).append('\n'));
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Result result) {
        for (Result.Row row : result.rows()) {
            text.append("| ").append(result.kind().title()).append(" | ").append(row.contender().title()).append(" | ")
                    .append(row.runs().size()).append(result.warmedUp() ? "" : ", cold").append(" | ")
                    .append(spread(row.wall(), "%.3f")).append(" | ")
                    .append(middle(row.samples(Usage::userSeconds))).append(" | ")
                    .append(middle(row.samples(Usage::systemSeconds))).append(" | ")
                    .append(number("%.1f", row.samples(run -> run.peakKib() / 1024.0).median())).append(" | ")
                    .append(number("%.1f", row.outputBytes() / 1e6)).append(" | ")
                    .append(result.ratio(row).map(ratio -> "**" + number("%.2f", ratio.median()) + "** ("
                            + range(ratio, "%.2f") + ")").orElse(""))
                    .append(" |\n");
        }
    }

    private static String spread(Samples samples, String format) {
        return number(format, samples.median()) + " (" + range(samples, format) + ")";
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
