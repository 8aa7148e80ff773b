// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

/// How a check ended.
public enum Status {
    /// As it should be.
    OK("ok", "ok"),
    /// The dump may still be made.
    WARN("WARN", "warn"),
    /// There would be no dump.
    FAIL("FAIL", "fail"),
    /// Could not be found out.
    UNKNOWN("?", "unknown");

    private final String mark;
    private final String word;

    Status(String mark, String word) {
        this.mark = mark;
        this.word = word;
    }

    /// What a line for people begins with.
    public String mark() {
        return mark;
    }

    /// What JSON says.
    public String word() {
        return word;
    }
}
