// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// A process that runs one command line and then prints the most memory it had resident, in KiB.
final class PeakMemory {
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
}
