// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.manual;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.vmsieve.cli.options.Command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The manual page in the man(7) macros, from picocli's model of the command line.
final class ManPage {
    private final StringBuilder page = new StringBuilder();

    private ManPage() {}

    /// The page's source.
    ///
    /// @param program the name it is called by
    /// @param version of the program
    static String text(String program, String version) {
        ManPage man = new ManPage();
        man.write(program, version);
        return man.page.toString();
    }

    private void write(String program, String version) {
        CommandSpec spec = Manual.spec(program);
        macro(".TH", program.toUpperCase(Locale.ROOT), "8", "", program + " " + version,
                "System administration");
        section("NAME");
        line(program + " \\- filter and compress Linux kernel crash dumps");
        section("SYNOPSIS");
        for (String form : Manual.synopsis(program, true)) {
            line(".B " + escape(program));
            line(escape(form.substring(program.length() + 1)));
            line(".br");
        }
        section("DESCRIPTION");
        text(Manual.DESCRIPTION);
        section("OPTIONS");
        for (OptionSpec option : spec.options()) {
            terms(names(option), String.join(" ", option.description()).replace("%%", "%"));
        }
        section("COMMANDS");
        for (Command command : Command.values()) {
            terms((command.word() + " " + command.operands()).strip(), command.description());
        }
        writeTables();
        writeExamples(program);
        section("SEE ALSO");
        line(".BR crash (8),");
        line(".BR kdump.conf (5)");
    }

    private void writeTables() {
        section("DUMP LEVEL");
        text("The sum of what is to be left out:");
        verbatim(Manual.LEVELS);
        section("EXIT STATUS");
        table(Manual.EXIT_CODES);
        section("ENVIRONMENT");
        table(Manual.ENVIRONMENT);
    }

    private void writeExamples(String program) {
        section("EXAMPLES");
        for (Example example : Example.ALL) {
            line(".PP");
            text(example.purpose());
            verbatim(List.of(example.line().replace("PROGRAM", program)));
        }
    }

    private static String names(OptionSpec option) {
        String names = String.join(", ", option.names());
        return option.arity().max() > 0 ? names + " " + option.paramLabel() : names;
    }

    private void table(Map<String, String> rows) {
        rows.forEach(this::terms);
    }

    private void terms(String term, String description) {
        line(".TP");
        line(".B " + escape(term));
        text(description);
    }

    private void section(String title) {
        line(".SH " + title);
    }

    private void verbatim(List<String> lines) {
        line(".PP");
        line(".RS 4");
        line(".nf");
        lines.forEach(this::text);
        line(".fi");
        line(".RE");
    }

    private void macro(String name, String... arguments) {
        line(name + " \"" + String.join("\" \"", arguments) + "\"");
    }

    private void text(String text) {
        line(escape(text));
    }

    private void line(String line) {
        page.append(line).append('\n');
    }

    /// A dash is to be copied as the dash that was typed; a line must not begin like a macro.
    private static String escape(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq");
        return escaped.startsWith(".") ? "\\&" + escaped : escaped;
    }
}
