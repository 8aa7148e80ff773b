// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;

/// The command line.
///
/// @param program ours
/// @param peer makedumpfile
/// @param vmcores ELF vmcores to filter
/// @param cases ways to write
/// @param levels dump levels
/// @param threads of ours
/// @param peerThreads of the peer; 0 is without its thread option
/// @param cpus CPUs to bind both programs to in rows of their own, as taskset takes them; empty for no such rows
/// @param rounds at most so many rounds of a case
/// @param caseSeconds no new round of a case is begun after so many
/// @param proof whether what was written is held against the vmcore
/// @param directory where outputs go
/// @param report what the report's files are called, without the suffix; empty for Markdown on standard output only
record Options(String program, String peer, List<Path> vmcores, List<CaseKind> cases, List<Integer> levels,
        List<Integer> threads, List<Integer> peerThreads, String cpus, int rounds, int caseSeconds, boolean proof,
        Path directory, String report) {
    static final String USAGE = """
            usage: bench/compare [OPTION...] VMCORE...
            Compares vmsieve with makedumpfile, whole processes by turns, and prints a report in Markdown.
              --vmsieve=PATH        program to measure (the runtime image; cli/bin/vmsieve if there is none)
              --peer=PATH           makedumpfile to compare with (the one on PATH)
              --cases=LIST          of none,zlib,lzo,snappy,zstd,elf,flattened,refilter (all)
              --levels=LIST         dump levels (0,1,31)
              --threads=LIST        threads of vmsieve (1,2)
              --peer-threads=LIST   threads of makedumpfile, 0 for its default (0); its default where it takes no other
              --cpus=LIST           also measure both, vmsieve with one thread, bound to these CPUs by taskset (none)
              --rounds=N            rounds of a case at most, after one that is not counted (7)
              --case-seconds=N      begin no new round of a case after so many seconds of counted ones (30)
              --no-proof            do not hold the pages written against the vmcore
              --directory=DIR       where dumps are written (/dev/shm if there is one)
              --report=PREFIX       also write PREFIX.md and PREFIX.json; PREFIX.md begins with PREFIX-notes.md
            Example: bench/compare --peer="$(fixtures/lab/debian-tool makedumpfile)" --cpus=0 --levels=31 vmcore
            Ends with 0 if all ran and every proof holds, 1 if not, 2 if it could not begin.
            """;

    /// Reads the command line.
    ///
    /// @throws IllegalArgumentException if it makes no sense
    static Options parse(List<String> arguments) {
        Options options = defaults();
        List<Path> vmcores = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.startsWith("-")) {
                int equals = argument.indexOf('=');
                options = argument.equals("--no-proof")
                        ? options.withoutProof()
                        : options.with(equals < 0 ? argument : argument.substring(0, equals),
                                equals < 0 ? "" : argument.substring(equals + 1));
            } else {
                vmcores.add(Path.of(argument));
            }
        }
        if (vmcores.isEmpty()) {
            throw new IllegalArgumentException("no VMCORE given");
        }
        return options.with(vmcores);
    }

    /// The script names its program by a property, so that the line in the report is what was typed.
    private static Options defaults() {
        Path shared = Path.of("/dev/shm");
        String ours = System.getProperty("vmsieve.bench.program", "cli/bin/vmsieve");
        return new Options(ours, "makedumpfile", List.of(), List.of(CaseKind.values()), List.of(0, 1, 31),
                List.of(1, 2), List.of(0), "", 7, 30, true,
                Files.isWritable(shared) ? shared : Path.of(System.getProperty("java.io.tmpdir", "/tmp")), "");
    }

    private Options withoutProof() {
        return new Options(program, peer, vmcores, cases, levels, threads, peerThreads, cpus, rounds, caseSeconds,
                false, directory, report);
    }

    private Options with(List<Path> inputs) {
        return new Options(program, peer, List.copyOf(inputs), cases, levels, threads, peerThreads, cpus, rounds,
                caseSeconds, proof, directory, report);
    }

    private Options with(String name, String value) {
        String ours = program;
        String other = peer;
        List<CaseKind> kinds = cases;
        List<Integer> newLevels = levels;
        List<Integer> newThreads = threads;
        List<Integer> newPeerThreads = peerThreads;
        String bound = cpus;
        int newRounds = rounds;
        int seconds = caseSeconds;
        Path where = directory;
        String files = report;
        if (value.isBlank() && NAMES.contains(name)) {
            throw new IllegalArgumentException(name + ": needs a value, " + name + "=...");
        }
        switch (name) {
            case "--vmsieve" -> ours = value;
            case "--peer" -> other = value;
            case "--cases" -> kinds = list(name, value, CaseKind::of);
            case "--levels" -> newLevels = numbers(name, value, 0, 31);
            case "--threads" -> newThreads = numbers(name, value, 0, 1024);
            case "--peer-threads" -> newPeerThreads = numbers(name, value, 0, 1024);
            case "--cpus" -> bound = cpus(value);
            case "--rounds" -> newRounds = number(name, value, 1, 1000);
            case "--case-seconds" -> seconds = number(name, value, 0, 100_000);
            case "--directory" -> where = Path.of(value);
            case "--report" -> files = value;
            default -> throw new IllegalArgumentException("unknown option '" + name + "'");
        }
        return new Options(ours, other, vmcores, kinds, newLevels, newThreads, newPeerThreads, bound, newRounds,
                seconds, proof, where, files);
    }

    private static final List<String> NAMES = List.of("--vmsieve", "--peer", "--cases", "--levels", "--threads",
            "--peer-threads", "--cpus", "--rounds", "--case-seconds", "--directory", "--report");

    private static String cpus(String value) {
        if (!value.matches("[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*")) {
            throw new IllegalArgumentException("--cpus: '" + value + "' is no list of CPUs such as 0 or 0-3,5");
        }
        return value;
    }

    private static <T> List<T> list(String name, String value, Function<String, T> read) {
        List<T> all = Arrays.stream(value.split(",", -1)).map(read).toList();
        if (new HashSet<>(all).size() < all.size()) {
            throw new IllegalArgumentException(name + ": '" + value + "' names one twice");
        }
        return all;
    }

    private static List<Integer> numbers(String name, String value, int least, int most) {
        return list(name, value, word -> number(name, word, least, most));
    }

    private static int number(String name, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + ": '" + value + "' is not a number", e);
        }
        throw new IllegalArgumentException(name + ": must be from " + least + " to " + most + " but was " + value);
    }
}
