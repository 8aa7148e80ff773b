// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.util.OptionalLong;

import dev.vmsieve.cli.console.Text;

/// What a dump file saves against the file that it was made of.
///
/// @param input the file it is made of, as a sentence has it
/// @param before size of that file; empty for a pipe
/// @param after size of the dump file
record Saving(String input, OptionalLong before, long after) {
    /// True if at least that part of the input's size is saved.
    boolean isAtLeast(int percent) {
        return before.isEmpty() || (saved() >= 0 && Text.tenths(saved(), before.getAsLong()) >= percent * 10L);
    }

    /// The dump file's size and the saving, for a dry run.
    String dryRunLine(DumpOutput output) {
        return (output.split().isPresent() ? "Together they would have " : "It would have ") + Text.bytesOf(after)
                + (output.flattened() ? " once rearranged" : "")
                + (before.isEmpty() ? "." : ": " + difference() + ".");
    }

    /// Why the input is left alone.
    String refusalLine(int percent) {
        return "[" + input + "] is left alone, since the new dump would have " + Text.bytesOf(after) + ": "
                + difference() + ", and --min-saving asks for " + percent + " %.";
    }

    private long saved() {
        return before.orElse(after) - after;
    }

    private String difference() {
        long old = before.orElse(after);
        if (saved() == 0) {
            return "as many as " + input;
        }
        return saved() > 0
                ? Text.bytesOf(saved()) + " (" + Text.percent(saved(), old) + " %) less than " + input
                : Text.bytesOf(-saved()) + " more than " + input;
    }
}
