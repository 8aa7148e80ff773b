// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// The directory of a comparison, and the few files in it. Removed at the end.
final class Workplace implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path directory;

    Workplace(Path parent) throws IOException {
        directory = Files.createTempDirectory(parent, "compare-");
    }

    Path dump() {
        return directory.resolve("dump");
    }

    Path flat() {
        return directory.resolve("flat");
    }

    Path fifo() {
        return directory.resolve("fifo");
    }

    Path standardOutput() {
        return directory.resolve("output");
    }

    Path standardError() {
        return directory.resolve("error");
    }

    /// The last line that a program wrote to its standard error, or to its output.
    String lastWords() throws IOException {
        for (Path file : List.of(standardError(), standardOutput())) {
            if (Files.exists(file)) {
                String[] lines = Files.readString(file, StandardCharsets.ISO_8859_1).strip().split("[\\r\\n]+", -1);
                if (!lines[lines.length - 1].isBlank()) {
                    return lines[lines.length - 1].strip();
                }
            }
        }
        return "no message";
    }

    /// A level 0 LZO dump of the vmcore, made once by the peer.
    String dumpToFilterAgain(Options options, Path vmcore) throws IOException {
        Path made = directory.resolve("level-0-of-" + nameOf(vmcore).replace('/', '-'));
        if (!Files.exists(made)) {
            mustRun(List.of(options.peer(), "-l", "-d", "0", vmcore.toString(), made.toString()));
        }
        return made.toString();
    }

    /// Makes the dump out of flattened data, by the peer.
    void rearrange(String peer, Path flat) throws IOException {
        mustRun(List.of("/bin/sh", "-c", "exec \"$1\" -R \"$2\" < \"$3\"", "sh", peer, dump().toString(),
                flat.toString()));
    }

    private void mustRun(List<String> command) throws IOException {
        if (ChildProcess.run(command, standardOutput(), standardError()).exitCode() != 0) {
            throw new IOException(String.join(" ", command) + ": " + lastWords());
        }
    }

    /// Of the dump.
    String checksum() throws IOException {
        CRC32C sum = new CRC32C();
        try (InputStream in = Files.newInputStream(dump())) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                sum.update(chunk, 0, n);
            }
        }
        return Files.size(dump()) + "-" + sum.getValue();
    }

    /// The last two parts of the path: vmcores are called vmcore.
    String nameOf(Path vmcore) {
        Path path = vmcore.toAbsolutePath();
        return path.getNameCount() < 2
                ? path.toString()
                : path.subpath(path.getNameCount() - 2, path.getNameCount()).toString();
    }

    /// Brings the file into the page cache.
    static void warm(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
            while (channel.read(chunk) >= 0) {
                chunk.clear();
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
