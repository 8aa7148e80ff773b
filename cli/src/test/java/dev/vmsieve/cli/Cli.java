// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// One run of the command line, in process: what it printed where, and its exit code.
///
/// @param out standard output
/// @param err standard error
record Cli(int code, String out, String err) {
    /// The two lines that every refused command line ends with, and the trailer.
    static final String INVALID = """
            Commandline parameter is invalid.
            Try `vmsieve --help' for more information.
            """;
    static final String FAILED = "\nvmsieve Failed.\n";

    /// Runs vmsieve.
    static Cli run(String... args) {
        return runAs("vmsieve", Map.of(), args);
    }

    /// Runs it by that name in that environment.
    static Cli runAs(String program, Map<String, String> environment, String... args) {
        return runAs(program, environment, InputStream.nullInputStream(), args);
    }

    /// Runs it with that on standard input.
    static Cli runWith(InputStream in, String... args) {
        return runAs("vmsieve", Map.of(), in, args);
    }

    private static Cli runAs(String program, Map<String, String> environment, InputStream in, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(args, in, new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), new Invocation(program, environment, false));
        return new Cli(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /// Asserts output, error and exit code at once.
    void prints(int expectedCode, String expectedOut, String expectedErr) {
        assertThat(err).isEqualTo(expectedErr);
        assertThat(out).isEqualTo(expectedOut);
        assertThat(code).isEqualTo(expectedCode);
    }

    /// Asserts a run that failed with one line on standard error.
    void fails(String... partsOfTheLine) {
        assertThat(err).contains(partsOfTheLine).endsWith("\n").doesNotContain("\tat ", "    at ");
        assertThat(err.lines().filter(l -> l.startsWith("vmsieve: "))).hasSize(1);
        assertThat(out).endsWith(FAILED);
        assertThat(code).isEqualTo(1);
    }
}
