// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.vmsieve.filter.io.MappedDumpFile;

/// The runs that the image's AOT cache is recorded from: every compression and output, one thread and two, then the program's
/// own end. A class that is missing from the cache costs a start more than all others of its kind: the jar is opened for it.
///
/// Only the image's build runs this. It lies in the program's jar because a cache is valid for the class path it was made
/// with.
final class Rehearsal {
    private static final List<String> COLLECT = List.of("-l", "-c", "-z", "-p", "", "-l --num-threads=2",
            "-c --num-threads=2", "-E");

    private final Path vmcore;
    private final Path dump;
    private final PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    private final Invocation invocation = new Invocation("vmsieve", Map.of(), false);

    private Rehearsal(Path vmcore, Path dump) {
        this.vmcore = vmcore;
        this.dump = dump;
    }

    /// Runs it.
    ///
    /// @param args the vmcore, and the directory for the dumps
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[1]);
        new Rehearsal(Path.of(args[0]), directory.resolve("dump")).run(directory);
    }

    private void run(Path directory) throws Exception {
        Path second = directory.resolve("dump2");
        for (String level : new String[]{"31", "1"}) {
            for (String options : COLLECT) {
                line(options + " --message-level=31 -d " + level, vmcore, dump);
                Files.delete(dump);
            }
        }
        readAsInCrashKernel();
        line("-l -d 31 --num-threads=2", vmcore, dump);
        line("-l -d 31 -f", vmcore, dump);
        line("-l -d 31", dump, second);
        line("--dump-dmesg -f", vmcore, second);
        line("-F -l --message-level=7 -d 31", vmcore);
        Files.delete(dump);
        Files.delete(second);
        Main.main(new String[]{"-l", "-d", "31", vmcore.toString(), dump.toString()});
    }

    private void line(String options, Path... operands) {
        List<String> words = new ArrayList<>(List.of(options.strip().split(" ")));
        for (Path operand : operands) {
            words.add(operand.toString());
        }
        String[] line = words.toArray(new String[0]);
        if (Main.run(line, InputStream.nullInputStream(), nowhere, nowhere, invocation) != 0) {
            throw new IllegalStateException("rehearsal failed: " + String.join(" ", line));
        }
    }

    /// `/proc/vmcore` is read by mappings, other files are not.
    private void readAsInCrashKernel() throws IOException {
        try (MappedDumpFile file = MappedDumpFile.open(vmcore)) {
            file.read(0, ByteBuffer.allocate(1));
        }
    }
}
