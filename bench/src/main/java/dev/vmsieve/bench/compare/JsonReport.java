// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The results for programs: every run of every round.
final class JsonReport {
    private JsonReport() {}

    static String of(Map<String, String> facts, List<Result> results) {
        return "{\n\"facts\": {" + facts.entrySet().stream()
                .map(fact -> string(fact.getKey()) + ": " + string(fact.getValue())).collect(Collectors.joining(", "))
                + "},\n\"results\": [\n" + results.stream().map(JsonReport::result).collect(Collectors.joining(",\n"))
                + "\n]}\n";
    }

    private static String result(Result result) {
        return "{\"vmcore\": " + string(result.vmcore()) + ", \"case\": " + string(result.kind().word())
                + ", \"level\": " + result.level() + ", \"load\": " + string(result.load()) + ", \"proof\": "
                + string(result.proof().line()) + ", \"holds\": " + result.proof().holds() + ", \"failures\": ["
                + result.failures().stream().map(JsonReport::string).collect(Collectors.joining(", "))
                + "], \"rows\": [\n"
                + result.rows().stream().map(row -> row(result, row)).collect(Collectors.joining(",\n")) + "]}";
    }

    private static String row(Result result, Result.Row row) {
        String ratio = result.ratio(row).map(samples -> ", \"ratio\": " + number(samples.median())).orElse("");
        return "  {\"program\": " + string(row.contender().ours() ? "vmsieve" : "makedumpfile") + ", \"threads\": "
                + row.contender().threads() + ", \"cpus\": " + string(row.contender().cpus()) + ", \"outputBytes\": "
                + row.outputBytes() + ratio + ", \"runs\": ["
                + row.runs().stream().map(JsonReport::run).collect(Collectors.joining(", ")) + "]}";
    }

    private static String run(Usage usage) {
        return "{\"wall\": " + number(usage.wallSeconds()) + ", \"user\": " + number(usage.userSeconds())
                + ", \"system\": " + number(usage.systemSeconds()) + ", \"peakKib\": " + usage.peakKib() + "}";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }

    /// A JSON string.
    static String string(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
