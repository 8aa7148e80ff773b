// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

import dev.vmsieve.filter.progress.Stage;

/// The text of a progress line: step name in 50 columns, percentage, spinner, remaining time in 16 columns.
final class ProgressLine {
    private static final String SPINNER = "/|\\-";
    private static final int NAME_COLUMNS = 50;
    private static final int TIME_COLUMNS = 16;

    private ProgressLine() {}

    /// What a step is called.
    static String name(Stage stage) {
        return switch (stage) {
            case MEMORY_HOLES -> "Checking for memory holes";
            case UNNECESSARY_PAGES -> "Excluding unnecessary pages";
            case FREE_PAGES -> "Excluding free pages";
            case ZERO_PAGES -> "Excluding zero pages";
            case DEBUG_INFO -> "Reading debug information";
            case COPYING -> "Copying data";
        };
    }

    /// The whole line, a carriage return in front and no line end.
    ///
    /// @param done work done, in the unit of total
    /// @param elapsedMillis since the stage began
    /// @param turn counts the lines printed, for the spinner
    static String of(Stage stage, long done, long total, long elapsedMillis, int turn) {
        return "\r" + Text.left(name(stage), NAME_COLUMNS) + ": [" + Text.right(Text.percent(done, total), 5) + " %] "
                + SPINNER.charAt(turn & 3) + "  " + Text.right(remaining(done, total, elapsedMillis), TIME_COLUMNS);
    }

    /// `eta: ` and the time the rest will take if it goes on as before; empty while nothing is known.
    static String remaining(long done, long total, long elapsedMillis) {
        if (done >= total) {
            return "eta: 0s";
        }
        if (done <= 0 || elapsedMillis <= 0) {
            return "";
        }
        double seconds = (double) elapsedMillis * (total - done) / done / 1000;
        return "eta: " + duration((long) Math.ceil(seconds));
    }

    /// The two largest units of a number of seconds.
    static String duration(long seconds) {
        long minutes = seconds / 60;
        long hours = minutes / 60;
        long days = hours / 24;
        if (days > 100) {
            return ">100day";
        }
        if (days > 0) {
            return days + "d" + hours % 24 + "h";
        }
        if (hours > 0) {
            return hours + "h" + minutes % 60 + "m";
        }
        return minutes > 0 ? minutes + "m" + seconds % 60 + "s" : seconds + "s";
    }
}
