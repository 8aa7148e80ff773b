// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Configuration files of kdump scripts, read as their scripts read them.
final class ConfigText {
    private ConfigText() {}

    /// KEY=VALUE lines of a shell; of a key given twice the last counts. Nothing is expanded.
    static Map<String, String> shellVariables(String text) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String raw : text.split("\n", -1)) {
            String line = raw.strip();
            line = line.startsWith("export ") ? line.substring(7).strip() : line;
            int equals = line.indexOf('=');
            if (equals > 0 && isName(line.substring(0, equals))) {
                variables.put(line.substring(0, equals), unquoted(line.substring(equals + 1)));
            }
        }
        return variables;
    }

    private static boolean isName(String text) {
        return text.chars().allMatch(c -> c == '_' || (c < 0x80 && Character.isLetterOrDigit(c)));
    }

    private static String unquoted(String value) {
        char first = value.isEmpty() ? ' ' : value.charAt(0);
        if (first == '"' || first == '\'') {
            int end = value.indexOf(first, 1);
            return end < 0 ? value.substring(1) : value.substring(1, end);
        }
        int end = 0;
        while (end < value.length() && !Character.isWhitespace(value.charAt(end))) {
            end++;
        }
        return value.substring(0, end);
    }

    /// Red Hat's kdump.conf: `key value` lines, in order.
    static List<Entry> kdumpConf(String text) {
        List<Entry> entries = new ArrayList<>();
        for (String raw : text.split("\n", -1)) {
            int comment = raw.indexOf('#');
            String line = (comment < 0 ? raw : raw.substring(0, comment)).strip();
            if (!line.isEmpty()) {
                String[] parts = line.split("\\s+", 2);
                String value = parts.length < 2 ? "" : parts[1];
                boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
                entries.add(new Entry(parts[0], quoted ? value.substring(1, value.length() - 1) : value));
            }
        }
        return entries;
    }

    /// The words of a line that a shell expands without quotes.
    static List<String> words(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? List.of() : List.of(stripped.split("\\s+", -1));
    }

    /// A line of kdump.conf.
    record Entry(String key, String value) {
        static Optional<String> find(List<Entry> entries, String key) {
            return entries.stream().filter(entry -> entry.key.equals(key)).map(Entry::value).findFirst();
        }
    }
}
