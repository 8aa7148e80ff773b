// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.util.LinkedHashMap;
import java.util.Map;

/// What a check found.
///
/// @param found a sentence
/// @param advice what to do about it; empty if nothing is to be done
/// @param numbers what was measured, by names for JSON; units are in the names
public record Finding(Status status, String found, String advice, Map<String, Long> numbers) {
    /// A sentence is not longer than this, whatever a configuration holds.
    private static final int LONGEST = 1000;

    /// Makes the texts fit for one line of a terminal.
    public Finding {
        found = plain(found);
        advice = plain(advice);
        numbers = new LinkedHashMap<>(numbers);
    }

    static Finding ok(String found) {
        return new Finding(Status.OK, found, "", Map.of());
    }

    static Finding warn(String found, String advice) {
        return new Finding(Status.WARN, found, advice, Map.of());
    }

    static Finding fail(String found, String advice) {
        return new Finding(Status.FAIL, found, advice, Map.of());
    }

    static Finding unknown(String found, String advice) {
        return new Finding(Status.UNKNOWN, found, advice, Map.of());
    }

    /// The same with one more number.
    Finding with(String name, long number) {
        Map<String, Long> more = new LinkedHashMap<>(numbers);
        more.put(name, number);
        return new Finding(status, found, advice, more);
    }

    /// The same, but no better than that.
    Finding atBest(Status worst) {
        return status == Status.OK ? new Finding(worst, found, advice, numbers) : this;
    }

    private static String plain(String text) {
        var plain = new StringBuilder(text.length());
        text.codePoints().limit(LONGEST).map(c -> c < ' ' || (c >= 0x7f && c < 0xa0) ? '?' : c)
                .forEach(plain::appendCodePoint);
        return plain.toString();
    }
}
