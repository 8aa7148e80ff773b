// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.manual;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.vmsieve.cli.options.Command;
import dev.vmsieve.cli.options.Option;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The texts that help and manual page share, and picocli's model of the command line, made from the tables of options
/// and commands.
final class Manual {
    /// What the program is, in one line.
    static final String PURPOSE = "Filters and compresses Linux kernel crash dumps.";
    /// What it does.
    static final String DESCRIPTION = "Reads VMCORE (/proc/vmcore or a saved dump, packed or not), leaves out the kinds of"
            + " pages that the dump level names, and writes DUMPFILE in the kdump-compressed format, which crash and"
            + " drgn read. The files of a split dump, all of them in any order, may stand in VMCORE's place.";
    /// The sum that -d takes, as a table.
    static final List<String> LEVELS = List.of("level | zero  non-private  private  user  free",
            "      | page  cache        cache    data  page", "------+---------------------------------------",
            "    1 |  X", "    2 |        X", "    4 |        X            X", "    8 |                              X",
            "   16 |                                    X", "   31 |  X     X            X        X     X");
    /// Exit codes, and what they say.
    static final Map<String, String> EXIT_CODES = orderedMap("0", "Done.", "1",
            "Failed; a line says why: on standard output what is wrong with the command line, or that the space did not"
                    + " suffice, with -F on standard error like all else. A dump that was begun is marked incomplete.",
            "2", "The file given with -i or -x is of another kernel than the dump.", "3",
            "With --min-saving: the dump would have saved too little, and was not made.", "128+n",
            "Ended by signal n; a dump that was begun is marked incomplete.");
    /// Variables of the environment, and what they do.
    static final Map<String, String> ENVIRONMENT = orderedMap("TMPDIR",
            "Where an input that is packed, or a pipe, is unpacked to unless --work-dir is given; default /var/tmp.",
            "POSIXLY_CORRECT", "If set, options end at the first operand.", "NO_COLOR",
            "If set, the demo's progress has no colour.");

    private Manual() {}

    /// How the program is called, a form a line.
    static List<String> synopsis(String program, boolean commands) {
        List<String> forms = new ArrayList<>(List.of("[-c|-l|-p|-z] [-d LEVEL] [-f] [OPTION...] VMCORE DUMPFILE",
                "-F [-c|-l|-p|-z] [-d LEVEL] [OPTION...] VMCORE",
                "--split [-c|-l|-p|-z] [-d LEVEL] [OPTION...] VMCORE DUMPFILE1 DUMPFILE2...",
                "-R DUMPFILE", "--reassemble PART... DUMPFILE",
                "--dump-dmesg [--partial-dmesg] VMCORE LOGFILE", "-g VMCOREINFO -x VMLINUX",
                "--mem-usage [-c|-l|-p|-z] KCORE", "-h|-v"));
        if (commands) {
            for (Command command : Command.values()) {
                forms.add((command.word() + " " + command.operands()).strip());
            }
        }
        return forms.stream().map(form -> program + " " + form).toList();
    }

    /// Every option; no texts but theirs.
    static CommandSpec spec(String program) {
        CommandSpec spec = CommandSpec.create().name(program);
        for (Option option : Option.values()) {
            spec.addOption(optionSpec(option));
        }
        return spec;
    }

    private static OptionSpec optionSpec(Option option) {
        OptionSpec.Builder builder = OptionSpec.builder(option.names().toArray(String[]::new));
        String note = option.supported() ? "" : " (Not supported yet.)";
        builder.description((option.description() + note).replace("%", "%%"));
        if (option.takesArgument()) {
            builder.type(String.class).paramLabel(option.argument());
        } else {
            builder.type(boolean.class);
        }
        return builder.build();
    }

    private static Map<String, String> orderedMap(String... keysAndValues) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
