// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.vmsieve.cli.console.Text;

/// All findings, as lines for people and as JSON.
///
/// @param root of the system that was examined
public record DoctorReport(String version, Path root, List<Result> results) {
    private static final int NAME_COLUMNS = 14;
    private static final int MARK_COLUMNS = 6;

    /// Copies the list.
    public DoctorReport {
        results = List.copyOf(results);
    }

    /// What one check found.
    public record Result(String check, Finding finding) {}

    /// True if a dump would not be made.
    public boolean fails() {
        return count(Status.FAIL) > 0;
    }

    private long count(Status status) {
        return results.stream().filter(result -> result.finding().status() == status).count();
    }

    /// A line a check, and the verdict.
    public String text() {
        var text = new StringBuilder();
        for (Result result : results) {
            Finding finding = result.finding();
            text.append(Text.left(finding.status().mark(), MARK_COLUMNS))
                    .append(Text.left(result.check(), NAME_COLUMNS))
                    .append(finding.found());
            if (!finding.advice().isEmpty()) {
                text.append(" To do: ").append(finding.advice()).append('.');
            }
            text.append('\n');
        }
        return text.append(verdict()).append('\n').toString();
    }

    /// The last line.
    public String verdict() {
        long unknown = count(Status.UNKNOWN);
        long warnings = count(Status.WARN);
        if (fails()) {
            return "The next crash would NOT be captured: " + checks(count(Status.FAIL)) + " failed.";
        }
        if (unknown > 0) {
            return "Nothing found speaks against a dump of the next crash, but " + checks(unknown)
                    + " could not be made" + (warnings > 0 ? " and " + checks(warnings) + " warned" : "") + ".";
        }
        return warnings > 0
                ? "The next crash would probably be captured: " + checks(warnings) + " warned."
                : "The next crash would be captured.";
    }

    private static String checks(long count) {
        return count == 1 ? "1 check" : count + " checks";
    }

    /// The same for programs; one object, a line end behind it.
    public String json() {
        var json = new Json();
        json.begin('{').name("version").string(version).name("root").string(root.toString());
        json.name("captured").string(fails() ? "no" : count(Status.UNKNOWN) > 0 ? "unknown" : "yes");
        json.name("verdict").string(verdict()).name("checks").begin('[');
        for (Result result : results) {
            Finding finding = result.finding();
            json.begin('{').name("check").string(result.check()).name("status").string(finding.status().word())
                    .name("found").string(finding.found()).name("advice").string(finding.advice()).name("numbers")
                    .begin('{');
            for (Map.Entry<String, Long> number : finding.numbers().entrySet()) {
                json.name(number.getKey()).number(number.getValue());
            }
            json.end('}').end('}');
        }
        return json.end(']').end('}').text() + "\n";
    }
}
