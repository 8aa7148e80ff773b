// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The run that the image's AOT cache is recorded from: every compression, one thread and two, then the program's own end.
///
/// Only the image's build runs this. It lies in the program's jar because a cache is valid for the class path it was made
/// with.
final class Rehearsal {
    private static final String[][] LINES = {{"-l"}, {"-c"}, {"-z"}, {"-p"}, {}, {"-l", "--num-threads=2"},
            {"-c", "--num-threads=2"}, {"-E"}};

    private Rehearsal() {}

    /// Runs it.
    ///
    /// @param args the vmcore, and the directory for the dumps
    public static void main(String[] args) throws Exception {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        Invocation invocation = new Invocation("vmsieve", Map.of(), false);
        Path vmcore = Path.of(args[0]);
        Path dump = Path.of(args[1]).resolve("dump");
        for (String level : new String[]{"31", "1"}) {
            for (String[] options : LINES) {
                String[] line = new String[options.length + 5];
                System.arraycopy(options, 0, line, 0, options.length);
                String[] rest = {"--message-level=31", "-d", level, vmcore.toString(), dump.toString()};
                System.arraycopy(rest, 0, line, options.length, rest.length);
                if (Main.run(line, InputStream.nullInputStream(), nowhere, nowhere, invocation) != 0) {
                    throw new IllegalStateException("rehearsal failed: " + String.join(" ", line));
                }
                Files.delete(dump);
            }
        }
        Main.main(new String[]{"-l", "-d", "31", vmcore.toString(), dump.toString()});
    }
}
