// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a table must say of where it was made.
final class Machine {
    private Machine() {}

    /// Names and values, in the order to print them.
    static Map<String, String> facts(Options options, Workplace place) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor",
                Runtime.getRuntime().availableProcessors() + " x " + field("/proc/cpuinfo", "model name"));
        facts.put("memory", field("/proc/meminfo", "MemTotal"));
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("system", field("/etc/os-release", "PRETTY_NAME").replace("\"", ""));
        facts.put("load before", loadAverage());
        facts.put("vmsieve", firstLine(place, options.program()));
        facts.put("vmsieve's Java", javaOf(Path.of(options.program())));
        facts.put("makedumpfile", firstLine(place, options.peer()));
        facts.put("outputs in", typeOf(options.directory()));
        return facts;
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

    private static String firstLine(Workplace place, String program) throws IOException {
        Path out = place.standardOutput();
        ChildProcess.run(List.of(program, "-v"), out, out);
        return Files.readAllLines(out).stream().findFirst().orElse("unknown");
    }

    /// The release of the runtime image that the program lies in; of this machine's JDK where it lies in none.
    private static String javaOf(Path program) throws IOException {
        if (Files.exists(program)) {
            Path bin = program.toRealPath().getParent();
            Path release = bin == null ? program : bin.resolveSibling("runtime").resolve("release");
            if (Files.exists(release)) {
                return field(release.toString(), "JAVA_VERSION").replace("\"", "") + ", runtime image";
            }
        }
        return System.getProperty("java.version") + ", JDK";
    }
}
