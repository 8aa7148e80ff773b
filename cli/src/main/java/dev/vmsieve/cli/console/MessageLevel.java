// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

/// The kinds of message that `--message-level` switches, by the bit of each.
public enum MessageLevel {
    /// How far the run is.
    PROGRESS(1),
    /// The ordinary conversation.
    COMMON(2),
    /// What went wrong.
    ERROR(4),
    /// For whoever looks for a reason.
    DEBUG(8),
    /// Pages of each kind, durations, bytes.
    REPORT(16);

    private final int bit;

    MessageLevel(int bit) {
        this.bit = bit;
    }

    /// Its bit in the message level.
    public int bit() {
        return bit;
    }
}
