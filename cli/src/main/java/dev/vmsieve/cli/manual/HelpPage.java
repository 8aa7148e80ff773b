// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.manual;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.vmsieve.cli.options.Command;
import dev.vmsieve.cli.options.Option;

import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/// The help text, rendered by picocli.
final class HelpPage {
    private static final int COLUMNS = 100;
    private static final int TERM_COLUMNS = 14;

    private HelpPage() {}

    /// The whole help text.
    ///
    /// @param program the name it is called by
    /// @param commands whether commands of its own are understood
    static String text(String program, boolean commands) {
        CommandSpec spec = Manual.spec(program);
        spec.usageMessage().width(COLUMNS).sortOptions(false).sortSynopsis(false).autoWidth(false)
                .header(Manual.PURPOSE, "")
                .customSynopsis(String.join("%n       ", Manual.synopsis(program, commands)))
                .description("", Manual.DESCRIPTION, "").optionListHeading("Options:%n")
                .footer(footer(program, commands).toArray(new String[0]));
        String text = new CommandLine(spec).getUsageMessage(Ansi.OFF);
        for (Option option : Option.values()) {
            // picocli joins by one separator; -d=31 would be wrong, --num-threads 4 is as right as with =.
            text = text.replace(option.shown() + "=" + option.argument(), option.shown() + " " + option.argument());
        }
        return text;
    }

    private static List<String> footer(String program, boolean commands) {
        List<String> lines = new ArrayList<>();
        if (commands) {
            begin(lines, "Commands:");
            for (Command command : Command.values()) {
                addTerm(lines, command.word(), command.description());
            }
        }
        begin(lines, "Dump level, the sum of what is to be left out:");
        Manual.LEVELS.forEach(line -> lines.add("  " + line));
        begin(lines, "Exit status:");
        for (Map.Entry<String, String> code : Manual.EXIT_CODES.entrySet()) {
            addTerm(lines, code.getKey(), code.getValue());
        }
        begin(lines, "Examples:");
        for (Example example : Example.ALL) {
            lines.add("  " + example.purpose());
            lines.add("      " + example.line().replace("PROGRAM", program));
        }
        return lines.stream().map(line -> line.replace("%", "%%")).toList();
    }

    private static void begin(List<String> lines, String heading) {
        lines.add("");
        lines.add(heading);
    }

    /// Continued lines stand under the first one.
    private static void addTerm(List<String> lines, String term, String description) {
        StringBuilder line = new StringBuilder("  " + term);
        line.repeat(' ', Math.max(1, TERM_COLUMNS - line.length()));
        for (String word : description.split(" ", -1)) {
            if (line.length() + word.length() >= COLUMNS) {
                lines.add(line.toString().stripTrailing());
                line.setLength(0);
                line.repeat(' ', TERM_COLUMNS);
            }
            line.append(word).append(' ');
        }
        lines.add(line.toString().stripTrailing());
    }
}
