// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The command line.
///
/// @param program ours
/// @param peer makedumpfile
/// @param vmcores ELF vmcores to filter
/// @param cases ways to write
/// @param levels dump levels
/// @param threads of ours
/// @param peerThreads of the peer; 0 is without its thread option
/// @param rounds at most so many rounds of a case
/// @param caseSeconds no new round of a case is begun after so many
/// @param proof whether what was written is held against the vmcore
/// @param directory where outputs go
/// @param report what the report's files are called, without the suffix; empty for Markdown on standard output only
record Options(String program, String peer, List<Path> vmcores, List<CaseKind> cases, List<Integer> levels,
        List<Integer> threads, List<Integer> peerThreads, int rounds, int caseSeconds, boolean proof, Path directory,
        String report) {
    static final String USAGE = """
            usage: bench/compare [OPTION...] VMCORE...
            Compares vmsieve with makedumpfile, whole processes in alternation, and prints a table in Markdown.
              --vmsieve=PATH        program to measure (the runtime image if it is built, else cli/bin/vmsieve)
              --peer=PATH           makedumpfile to compare with (the one on PATH)
              --cases=LIST          of none,zlib,lzo,snappy,zstd,elf,flattened,refilter (all)
              --levels=LIST         dump levels (0,1,31)
              --threads=LIST        threads of vmsieve (1,2)
              --peer-threads=LIST   threads of makedumpfile, 0 for its default (0)
              --rounds=N            rounds of a case at most (7)
              --case-seconds=N      begin no new round of a case after so many seconds (30)
              --no-proof            do not hold the pages written against the vmcore
              --directory=DIR       where dumps are written (/dev/shm if there is one)
              --report=PREFIX       also write PREFIX.md and PREFIX.json
            """;

    /// Reads the command line.
    ///
    /// @throws IllegalArgumentException if it makes no sense
    static Options parse(List<String> arguments) {
        Options options = defaults();
        List<Path> vmcores = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.startsWith("--")) {
                int equals = argument.indexOf('=');
                options = equals < 0
                        ? options.with(argument, "")
                        : options.with(argument.substring(0, equals), argument.substring(equals + 1));
            } else {
                vmcores.add(Path.of(argument));
            }
        }
        if (vmcores.isEmpty()) {
            throw new IllegalArgumentException("no VMCORE given");
        }
        return new Options(options.program, options.peer, List.copyOf(vmcores), options.cases, options.levels,
                options.threads, options.peerThreads, options.rounds, options.caseSeconds, options.proof,
                options.directory, options.report);
    }

    private static Options defaults() {
        Path shared = Path.of("/dev/shm");
        return new Options("cli/bin/vmsieve", "makedumpfile", List.of(), List.of(CaseKind.values()), List.of(0, 1, 31),
                List.of(1, 2), List.of(0), 7, 30, true,
                Files.isWritable(shared) ? shared : Path.of(System.getProperty("java.io.tmpdir", "/tmp")), "");
    }

    private Options with(String name, String value) {
        String ours = name.equals("--vmsieve") ? value : program;
        String other = name.equals("--peer") ? value : peer;
        List<CaseKind> kinds = name.equals("--cases")
                ? Arrays.stream(value.split(",", -1)).map(CaseKind::of).toList()
                : cases;
        List<Integer> newLevels = name.equals("--levels") ? numbers(name, value, 0, 31) : levels;
        List<Integer> newThreads = name.equals("--threads") ? numbers(name, value, 0, 1024) : threads;
        List<Integer> newPeerThreads = name.equals("--peer-threads") ? numbers(name, value, 0, 1024) : peerThreads;
        int newRounds = name.equals("--rounds") ? number(name, value, 1, 1000) : rounds;
        int seconds = name.equals("--case-seconds") ? number(name, value, 0, 100_000) : caseSeconds;
        Path where = name.equals("--directory") ? Path.of(value) : directory;
        String files = name.equals("--report") ? value : report;
        Options changed = new Options(ours, other, vmcores, kinds, newLevels, newThreads, newPeerThreads, newRounds,
                seconds, proof && !name.equals("--no-proof"), where, files);
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("unknown option '" + name + "'");
        }
        return changed;
    }

    private static final List<String> NAMES = List.of("--vmsieve", "--peer", "--cases", "--levels", "--threads",
            "--peer-threads", "--rounds", "--case-seconds", "--no-proof", "--directory", "--report");

    private static List<Integer> numbers(String name, String value, int least, int most) {
        return Arrays.stream(value.split(",", -1)).map(word -> number(name, word, least, most)).toList();
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
