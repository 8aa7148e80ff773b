// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

/// An option that ends the run where it is met: nothing after it on the line takes effect.
public final class OptionException extends Exception {
    private static final long serialVersionUID = 1L;

    /// Who complains, which decides on the stream and on the lines that follow.
    public enum Kind {
        /// The option parser itself (unknown, ambiguous, missing argument): a line on standard error whatever the
        /// message level, then the two common lines of a refused command line.
        SYNTAX,
        /// A value: one common line.
        VALUE,
        /// An option that this program does not have: an error line.
        UNAVAILABLE
    }

    private final Kind kind;

    OptionException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /// Who complains.
    public Kind kind() {
        return kind;
    }

    /// The line to print.
    public String line() {
        return String.valueOf(getMessage());
    }
}
