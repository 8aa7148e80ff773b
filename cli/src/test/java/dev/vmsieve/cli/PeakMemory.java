// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A process that runs one command line and then prints the most memory it had resident, in KiB.
final class PeakMemory {
    /// The image's classes come from its cache, lambdas made ready among them. Here the JDK makes URLs and lambdas from a class
    /// path, and after some hundred of them the compiler takes 3 and 6 MiB for a method of that: more than what is measured.
    private static final List<String> AS_WITH_A_CACHE = List.of("-XX:CompileCommand=quiet",
            "-XX:CompileCommand=exclude,java.net.URLStreamHandler::parseURL",
            "-XX:CompileCommand=exclude,jdk.internal.classfile.*::*");

    private PeakMemory() {}

    public static void main(String[] args) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        int code = Main.run(args, InputStream.nullInputStream(), nowhere, System.err,
                new Invocation("vmsieve", Map.of(), false));
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                System.out.println(line.replaceAll("[^0-9]", ""));
            }
        }
        System.exit(code);
    }

    /// Runs a command line in a process with the flags of the image.
    ///
    /// @param folder for what the process says
    /// @return the most memory it had resident, in KiB
    static long kibOf(Path folder, String... line) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flagsOfTheImage());
        command.addAll(AS_WITH_A_CACHE);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.vmsieve.cli.PeakMemory"));
        command.addAll(List.of(line));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(folder.resolve("error").toFile());
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertThat(process.waitFor()).as(Files.readString(folder.resolve("error"))).isZero();
        return Long.parseLong(said);
    }

    private static List<String> flagsOfTheImage() throws IOException {
        List<String> flags = new ArrayList<>();
        Matcher flag = Pattern.compile("(?<= )-(?:X|-enable|Djdk)[^ \\\\]*").matcher(
                Files.readString(Path.of("image/vmsieve.sh")).replaceFirst("(?s)^.*\nexec ", ""));
        while (flag.find()) {
            if (!flag.group().contains("$")) {
                flags.add(flag.group());
            }
        }
        assertThat(flags).contains("-XX:+UseSerialGC", "-Xmx128m", "--enable-native-access=ALL-UNNAMED");
        return flags;
    }
}
