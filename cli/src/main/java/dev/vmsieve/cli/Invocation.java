// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.util.Map;

/// How the program was started.
///
/// @param program the name it was called by, without directories
/// @param environment the environment's variables
/// @param terminal standard error is a terminal
record Invocation(String program, Map<String, String> environment, boolean terminal) {
    /// The name under which nothing but makedumpfile's command line is understood.
    static final String MAKEDUMPFILE = "makedumpfile";
    /// The name of its own.
    static final String VMSIEVE = "vmsieve";

    /// What the launcher told, by system properties.
    static Invocation ofProcess() {
        return new Invocation(System.getProperty("vmsieve.program", VMSIEVE), System.getenv(),
                Boolean.getBoolean("vmsieve.terminal"));
    }

    /// True if the first operand may be one of our own commands.
    boolean hasCommands() {
        return !program.equals(MAKEDUMPFILE);
    }

    /// The environment asks for options to end at the first operand.
    boolean posixlyCorrect() {
        return environment.containsKey("POSIXLY_CORRECT");
    }
}
