// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

import java.util.Optional;

/// What makedumpfile has no word for: asked for by the first operand, if the program is not called makedumpfile.
///
/// A file of such a name is given as `./demo`.
public enum Command {
    /// `demo [DIRECTORY]`
    DEMO("demo", "[DIRECTORY]", Integer.MAX_VALUE,
            "Make a small crashed kernel by code, filter it, and check the dump page by page."),
    /// `doctor [--json] [--root DIRECTORY]`
    DOCTOR("doctor", "[--json] [--root DIRECTORY]", Integer.MAX_VALUE,
            "Tell whether the next crash of this system would be captured: a line a check, a verdict, exit status 1 if a"
                    + " check failed. --json prints the same for programs; --root examines a system below a directory."
                    + " Nothing is changed. As root it sees more."),
    /// `help`
    HELP("help", "", 0, "Print the help, as -h does."),
    /// `manual`
    MANUAL("manual", "", 0, "Print the manual page; man -l shows it."),
    /// `completion`
    COMPLETION("completion", "", 0, "Print a completion script for bash.");

    private final String word;
    private final String operands;
    private final int maxOperands;
    private final String description;

    Command(String word, String operands, int maxOperands, String description) {
        this.word = word;
        this.operands = operands;
        this.maxOperands = maxOperands;
        this.description = description;
    }

    /// The command that a line's first operand names.
    ///
    /// @param operands how many operands follow it; with more than a command takes, the word is taken for a file's name
    public static Optional<Command> of(String word, int operands) {
        for (Command command : values()) {
            if (command.word.equals(word) && operands <= command.maxOperands) {
                return Optional.of(command);
            }
        }
        return Optional.empty();
    }

    /// The command whose help a line asks for, as `doctor --help` or `help doctor`.
    public static Optional<Command> helpFor(String[] line) {
        if (line.length != 2) {
            return Optional.empty();
        }
        boolean first = line[0].equals(HELP.word);
        return first || line[1].equals("--help") || line[1].equals("-h")
                ? of(line[first ? 1 : 0], 0)
                : Optional.empty();
    }

    /// How it is called and what it does.
    public String help(String program) {
        String call = operands.isEmpty() ? word : word + " " + operands;
        return "usage: " + program + " " + call + "\n\n" + description.replace(". ", ".\n") + "\n";
    }

    /// As a user types it.
    public String word() {
        return word;
    }

    /// Its operands as the help names them; empty if it takes none.
    public String operands() {
        return operands;
    }

    /// What the help says, in sentences.
    public String description() {
        return description;
    }
}
