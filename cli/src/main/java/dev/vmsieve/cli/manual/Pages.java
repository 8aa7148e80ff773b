// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.manual;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// The pages people read. A runtime image has them as resources, rendered when it was built: it needs no picocli, and
/// shows them at once.
public final class Pages {
    private final String program;
    private final boolean commands;
    private final String version;

    /// @param program the name it is called by
    /// @param commands whether commands of its own are understood
    /// @param version of the program
    public Pages(String program, boolean commands, String version) {
        this.program = program;
        this.commands = commands;
        this.version = version;
    }

    /// The help text.
    public String help() throws IOException {
        String made = made(commands ? "help" : "help-makedumpfile");
        return made.isEmpty() ? HelpPage.text(program, commands) : made;
    }

    /// The manual page's source.
    public String manual() throws IOException {
        String made = made("manual");
        return made.isEmpty() ? ManPage.text(program, version) : made;
    }

    /// The completion script.
    public String completion() throws IOException {
        String made = made("completion");
        return made.isEmpty() ? CompletionScript.text(program) : made;
    }

    /// Empty if there is none.
    private static String made(String name) throws IOException {
        try (InputStream stream = Pages.class.getResourceAsStream(name + ".page")) {
            return stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
