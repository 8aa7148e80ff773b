// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The command `bench/compare`: runs every case on every vmcore, and reports.
public final class Compare {
    private Compare() {}

    /// The command line.
    public static void main(String[] args) {
        System.exit(run(List.of(args), System.out, System.err));
    }

    /// The command line without its exit: 0 if every case ran and every proof holds, else 1; 2 for a mistake in it.
    static int run(List<String> args, PrintStream out, PrintStream err) {
        Options options;
        if (args.contains("--help")) {
            out.print(Options.USAGE);
            return 0;
        }
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            err.print(Options.USAGE);
            return 2;
        }
        try {
            return compare(options, args, out, err);
        } catch (IOException e) {
            err.println(e.getMessage());
            return 1;
        }
    }

    private static int compare(Options options, List<String> args, PrintStream out, PrintStream err)
            throws IOException {
        List<Result> results = new ArrayList<>();
        Map<String, String> facts;
        try (Workplace place = new Workplace(options.directory())) {
            facts = Machine.facts(options, place);
            facts.put("command", "bench/compare " + String.join(" ", args));
            for (Path vmcore : options.vmcores()) {
                Workplace.warm(vmcore);
                for (int level : options.levels()) {
                    for (CaseKind kind : options.cases()) {
                        err.println(vmcore + ": " + kind.word() + ", level " + level + " ...");
                        results.add(new Trial(options, place, vmcore, kind, level).run());
                    }
                }
            }
            facts.put("load after", Machine.loadAverage());
        }
        String markdown = MarkdownReport.of(facts, results);
        out.print(markdown);
        if (!options.report().isEmpty()) {
            Files.writeString(Path.of(options.report() + ".md"), markdown);
            Files.writeString(Path.of(options.report() + ".json"), JsonReport.of(facts, results));
        }
        return results.stream().allMatch(result -> result.failures().isEmpty()) ? 0 : 1;
    }
}
