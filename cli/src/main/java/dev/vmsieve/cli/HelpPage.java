// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import dev.vmsieve.cli.options.Option;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Help and shell completion, rendered by picocli from the table of options. Nothing of this is touched by a dump's run.
final class HelpPage {
    private static final int COLUMNS = 100;

    private HelpPage() {}

    /// The whole help text.
    static String text(String program) {
        CommandSpec spec = spec(program);
        spec.usageMessage().width(COLUMNS).sortOptions(false)
                .sortSynopsis(false).autoWidth(false)
                .header("Filters and compresses Linux kernel crash dumps.", "")
                .customSynopsis(synopsis(program))
                .description("",
                        "Reads VMCORE (/proc/vmcore or a saved one), leaves out the kinds of pages that the dump"
                                + " level names, and writes DUMPFILE in the kdump-compressed format, which crash and drgn read.",
                        "")
                .optionListHeading("Options:%n").footer(footer(program));
        String text = new CommandLine(spec).getUsageMessage(Ansi.OFF);
        for (Option option : Option.values()) {
            // picocli joins by one separator; -d=31 would be wrong, --num-threads 4 is as right as with =.
            text = text.replace(option.shown() + "=" + option.argument(), option.shown() + " " + option.argument());
        }
        return text;
    }

    /// A bash completion script.
    static String completion(String program) {
        return AutoComplete.bash(program, new CommandLine(spec(program)));
    }

    private static String[] synopsis(String program) {
        String dump = program + " [-c|-l|-p|-z] [-d LEVEL] [-f] [OPTION...] VMCORE DUMPFILE";
        String[] rest = program.equals(Invocation.MAKEDUMPFILE)
                ? new String[]{" -h|-v"}
                : new String[]{" demo [DIRECTORY]", " -h|-v|help|completion"};
        String[] lines = new String[rest.length + 1];
        lines[0] = dump;
        for (int i = 0; i < rest.length; i++) {
            lines[i + 1] = "       " + program + rest[i];
        }
        return lines;
    }

    private static CommandSpec spec(String program) {
        CommandSpec spec = CommandSpec.create().name(program);
        for (Option option : Option.values()) {
            spec.addOption(optionSpec(option));
        }
        return spec;
    }

    private static OptionSpec optionSpec(Option option) {
        boolean both = option.shortName() != '\0' && !option.longName().isEmpty();
        OptionSpec.Builder builder = both
                ? OptionSpec.builder("-" + option.shortName(), "--" + option.longName())
                : OptionSpec.builder(option.shown());
        String note = option.supported() ? "" : " (Not supported yet.)";
        builder.description((option.description() + note).replace("%", "%%"));
        if (option.takesArgument()) {
            builder.type(String.class).paramLabel(option.argument());
        } else {
            builder.type(boolean.class);
        }
        return builder.build();
    }

    private static String[] footer(String program) {
        return new String[]{"", "Dump level, the sum of what is to be left out:", "",
                "  level | zero  non-private  private  user  free", "        | page  cache        cache    data  page",
                "  ------+---------------------------------------", "      1 |  X", "      2 |        X",
                "      4 |        X            X", "      8 |                              X",
                "     16 |                                    X", "     31 |  X     X            X        X     X", "",
                "Exit status: 0 done; 1 failed; 2 the file given with -i is of another kernel.", "", "Examples:", "",
                "  " + program + " -l -d 31 /proc/vmcore /var/crash/dump",
                "  " + program + " -z -d 31 --show-stats vmcore dump"};
    }
}
