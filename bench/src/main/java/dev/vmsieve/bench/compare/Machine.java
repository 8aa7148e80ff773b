// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a table must say of where it was made.
final class Machine {
    private Machine() {}

    /// Names and values, in the order to print them.
    ///
    /// @throws IOException if one of the programs does not run
    static Map<String, String> facts(Options options, Workplace place) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("begun", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("processor",
                Runtime.getRuntime().availableProcessors() + " x " + field("/proc/cpuinfo", "model name"));
        facts.put("memory", field("/proc/meminfo", "MemTotal"));
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("system", field("/etc/os-release", "PRETTY_NAME").replace("\"", ""));
        facts.put("load before", loadAverage());
        facts.put("vmsieve", version(place, options.program()));
        facts.put("vmsieve's commit", System.getProperty("vmsieve.bench.commit", "unknown"));
        facts.put("vmsieve's Java", javaOf(Path.of(options.program())));
        facts.put("makedumpfile", version(place, options.peer()));
        facts.put("makedumpfile's threads", threads(options.peerThreads()));
        facts.put("outputs in", typeOf(options.directory()));
        return facts;
    }

    private static String threads(List<Integer> tried) {
        return tried.stream().map(count -> count == 0 ? "its default" : Integer.toString(count))
                .collect(Collectors.joining(", ")) + " (its default only for ELF, where it refuses others)";
    }

    /// What to say before measuring a machine that has other things to do.
    static Optional<String> warning() throws IOException {
        double load = Double.parseDouble(loadAverage().split(" ", -1)[0]);
        int processors = Runtime.getRuntime().availableProcessors();
        return load <= processors / 2.0
                ? Optional.empty()
                : Optional.of("warning: the load average is " + load + " on " + processors
                        + " processors: times tell little");
    }

    /// Of the last 1, 5 and 15 minutes.
    static String loadAverage() throws IOException {
        String[] words = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
        return String.join(" ", words[0], words[1], words[2]);
    }

    private static String typeOf(Path directory) throws IOException {
        return Files.getFileStore(directory).type();
    }

    private static String field(String file, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of(file), StandardCharsets.UTF_8)) {
            if (line.startsWith(name)) {
                return line.substring(line.indexOf(line.contains(":") ? ':' : '=') + 1).strip();
            }
        }
        return "unknown";
    }

    private static String version(Workplace place, String program) throws IOException {
        Path out = place.standardOutput();
        Usage usage = ChildProcess.run(List.of(), List.of(program, "-v"), out, place.standardError());
        if (usage.exitCode() != 0) {
            throw new IOException("[" + program + "] -v must end with 0 but ended with " + usage.exitCode() + ": "
                    + place.lastWords());
        }
        for (Path said : List.of(out, place.standardError())) {
            List<String> lines = Files.readAllLines(said);
            if (!lines.isEmpty()) {
                return lines.getFirst();
            }
        }
        return "unknown";
    }

    /// The release of the runtime image that the program lies in, and when that was made.
    private static String javaOf(Path program) throws IOException {
        if (Files.exists(program)) {
            Path real = program.toRealPath();
            Path bin = real.getParent();
            Path release = bin == null ? program : bin.resolveSibling("runtime").resolve("release");
            if (Files.exists(release)) {
                return field(release.toString(), "JAVA_VERSION").replace("\"", "") + ", runtime image made "
                        + Files.getLastModifiedTime(real).toInstant().truncatedTo(ChronoUnit.SECONDS);
            }
        }
        return "unknown, no runtime image";
    }
}
