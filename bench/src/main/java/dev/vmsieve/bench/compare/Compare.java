// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import dev.vmsieve.fixtures.PlainElfReader;

/// The command `bench/compare`: runs every case on every vmcore, and reports.
public final class Compare {
    private final Options options;
    private final PrintStream err;
    private final List<Result> results = new ArrayList<>();

    private Compare(Options options, PrintStream err) {
        this.options = options;
        this.err = err;
    }

    /// The command line.
    public static void main(String[] args) {
        System.exit(run(List.of(args), System.out, System.err));
    }

    /// The command line without its exit: 0 if every case ran and every proof holds, else 1; 2 if it could not begin.
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
        return new Compare(options, err).run(args, out);
    }

    private int run(List<String> args, PrintStream out) {
        Map<String, String> facts;
        try {
            checkPlaces();
        } catch (IOException e) {
            err.println(Workplace.tell(e));
            return 2;
        }
        try (Workplace place = new Workplace(options.directory())) {
            try {
                facts = Machine.facts(options, place);
            } catch (IOException e) {
                err.println(Workplace.tell(e));
                return 2;
            }
            facts.put("command",
                    "bench/compare " + args.stream().map(Compare::quoted).collect(Collectors.joining(" ")));
            Machine.warning().ifPresent(err::println);
            for (Path vmcore : options.vmcores()) {
                Workplace.warm(vmcore);
                for (int level : options.levels()) {
                    for (CaseKind kind : options.cases()) {
                        err.println(vmcore + ": " + kind.word() + ", level " + level + " ...");
                        results.add(new Trial(options, place, vmcore, kind, level).run());
                        report(facts);
                    }
                }
            }
        } catch (IOException e) {
            err.println(Workplace.tell(e));
            return 1;
        }
        out.print(MarkdownReport.of(facts, results));
        results.stream().filter(result -> !result.good())
                .forEach(result -> MarkdownReport.written(result).forEach(err::print));
        return results.stream().allMatch(Result::good) ? 0 : 1;
    }

    /// Written anew after each case: the hours before a failure are not lost.
    private void report(Map<String, String> facts) throws IOException {
        facts.put("load after", Machine.loadAverage());
        if (!options.report().isEmpty()) {
            Path notes = Path.of(options.report() + "-notes.md");
            String prose = Files.exists(notes) ? Files.readString(notes) + "\n" + MarkdownReport.GENERATED : "";
            Files.writeString(Path.of(options.report() + ".md"), prose + MarkdownReport.of(facts, results));
            Files.writeString(Path.of(options.report() + ".json"), JsonReport.of(facts, results));
        }
    }

    /// What would be found missing after hours.
    private void checkPlaces() throws IOException {
        if (!Files.isDirectory(options.directory()) || !Files.isWritable(options.directory())) {
            throw new IOException("[" + options.directory() + "] --directory: is no directory to write to");
        }
        Path folder = Path.of(options.report()).toAbsolutePath().getParent();
        if (!options.report().isEmpty() && (folder == null || !Files.isWritable(folder))) {
            throw new IOException("[" + folder + "] --report: is no directory to write to");
        }
        for (Path vmcore : options.vmcores()) {
            if (!Files.isRegularFile(vmcore) || !Files.isReadable(vmcore)) {
                throw new IOException("[" + vmcore + "] is no file to read");
            }
            if (options.proof()) {
                checkProvable(vmcore);
            }
        }
    }

    /// A proof reads pages of 4 KiB out of an ELF file.
    private static void checkProvable(Path vmcore) throws IOException {
        try (PlainElfReader reader = new PlainElfReader(vmcore)) {
            String info = reader.vmcoreinfo();
            if (info.contains("PAGESIZE=") && !info.contains("PAGESIZE=4096\n")) {
                throw new IOException(
                        "[" + vmcore + "] has pages of other than 4096 bytes: no proof without --no-proof");
            }
        }
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./=,:+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
