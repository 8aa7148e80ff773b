// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Takes a command line apart by the rules of GNU getopt_long: options and operands in any order, clustered letters,
/// arguments attached or separate, unique prefixes of long names, `--` as the end of options. With POSIXLY_CORRECT the
/// first operand ends the options as well.
final class OptionScanner {
    private final String[] arguments;
    private final boolean posixlyCorrect;
    private final List<String> operands = new ArrayList<>();
    private int next;
    /// What is left of a cluster of letters; empty between arguments.
    private String cluster = "";
    private String value = "";

    OptionScanner(String[] arguments, boolean posixlyCorrect) {
        this.arguments = arguments;
        this.posixlyCorrect = posixlyCorrect;
    }

    /// The next option, or none at the end of the line. After a thrown error the scan can go on.
    Optional<Option> next() throws OptionException {
        value = "";
        while (cluster.isEmpty()) {
            if (next >= arguments.length) {
                return Optional.empty();
            }
            String argument = arguments[next++];
            if (argument.equals("--")) {
                takeOperandsFrom(next);
            } else if (argument.startsWith("--")) {
                return Optional.of(longOption(argument.substring(2)));
            } else if (argument.length() > 1 && argument.charAt(0) == '-') {
                cluster = argument.substring(1);
            } else if (posixlyCorrect) {
                takeOperandsFrom(next - 1);
            } else {
                operands.add(argument);
            }
        }
        return Optional.of(shortOption());
    }

    /// The argument of the option returned last; empty if it takes none.
    String value() {
        return value;
    }

    /// The operands met so far; all of them at the end.
    List<String> operands() {
        return operands;
    }

    private void takeOperandsFrom(int first) {
        for (int i = first; i < arguments.length; i++) {
            operands.add(arguments[i]);
        }
        next = arguments.length;
    }

    private Option shortOption() throws OptionException {
        char letter = cluster.charAt(0);
        cluster = cluster.substring(1);
        Optional<Option> found = Option.ofShort(letter);
        if (found.isEmpty()) {
            throw syntax("invalid option -- '" + letter + "'");
        }
        if (found.get().takesArgument()) {
            if (!cluster.isEmpty()) {
                value = cluster;
                cluster = "";
            } else if (next < arguments.length) {
                value = arguments[next++];
            } else {
                throw syntax("option requires an argument -- '" + letter + "'");
            }
        }
        return found.get();
    }

    private Option longOption(String text) throws OptionException {
        int equals = text.indexOf('=');
        Option option = named(equals < 0 ? text : text.substring(0, equals));
        if (!option.takesArgument()) {
            if (equals >= 0) {
                throw syntax("option '--" + option.longName() + "' doesn't allow an argument");
            }
        } else if (equals >= 0) {
            value = text.substring(equals + 1);
        } else if (next < arguments.length) {
            value = arguments[next++];
        } else {
            throw syntax("option '--" + option.longName() + "' requires an argument");
        }
        return option;
    }

    private static Option named(String name) throws OptionException {
        Optional<Option> exact = Option.ofLong(name);
        if (exact.isPresent()) {
            return exact.get();
        }
        List<Option> candidates = new ArrayList<>();
        for (Option option : Option.table()) {
            if (!option.longName().isEmpty() && option.longName().startsWith(name)) {
                candidates.add(option);
            }
        }
        if (candidates.isEmpty()) {
            throw syntax("unrecognized option '--" + name + "'");
        }
        if (candidates.size() > 1) {
            StringBuilder line = new StringBuilder("option '--").append(name).append("' is ambiguous; possibilities:");
            for (Option candidate : candidates) {
                line.append(" '--").append(candidate.longName()).append('\'');
            }
            throw syntax(line.toString());
        }
        return candidates.getFirst();
    }

    private static OptionException syntax(String message) {
        return new OptionException(OptionException.Kind.SYNTAX, message);
    }
}
