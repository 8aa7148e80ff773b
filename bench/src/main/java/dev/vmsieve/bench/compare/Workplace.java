// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// The directory of a comparison with the dumps, and one with small files about a run, which is elsewhere so that a full
/// place for dumps can be told of. Both are removed at the end, also when a signal ends this machine.
final class Workplace implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path directory;
    private final Path words;
    private final Thread atExit = new Thread(() -> {
        ChildProcess.endAll();
        remove();
    });

    Workplace(Path parent) throws IOException {
        words = Files.createTempDirectory("compare-words-");
        directory = Files.createTempDirectory(parent, "compare-");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    Path dump() {
        return directory.resolve("dump");
    }

    Path flat() {
        return directory.resolve("flat");
    }

    Path fifo() {
        return words.resolve("fifo");
    }

    Path standardOutput() {
        return words.resolve("output");
    }

    Path standardError() {
        return words.resolve("error");
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

    /// What an exception says; a bare path is no message.
    static String tell(IOException e) {
        if (e instanceof FileSystemException file) {
            String reason = file.getReason() == null ? e.getClass().getSimpleName() : file.getReason();
            return "[" + file.getFile() + "] " + reason;
        }
        return String.valueOf(e.getMessage());
    }

    /// A level 0 LZO dump of the vmcore, made once by the peer.
    String dumpToFilterAgain(Options options, Path vmcore) throws IOException {
        Path made = directory.resolve("level-0-of-" + nameOf(vmcore).replace('/', '-'));
        if (!Files.exists(made)) {
            try {
                mustRun(List.of(options.peer(), "-l", "-d", "0", vmcore.toString(), made.toString()));
            } catch (IOException e) {
                Files.deleteIfExists(made);
                throw e;
            }
        }
        return made.toString();
    }

    /// Makes the dump out of flattened data, by the peer.
    void rearrange(String peer, Path flat) throws IOException {
        mustRun(List.of("/bin/sh", "-c", "exec \"$1\" -R \"$2\" < \"$3\"", "sh", peer, dump().toString(),
                flat.toString()));
    }

    private void mustRun(List<String> command) throws IOException {
        if (ChildProcess.run(List.of(), command, standardOutput(), standardError()).exitCode() != 0) {
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

    /// Removes the outputs of a case, and what a run said.
    void clear() {
        for (Path file : List.of(dump(), flat(), standardOutput(), standardError())) {
            remove(file);
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException machineEnds) {
            return; // the hook removes it
        }
        remove();
    }

    private void remove() {
        for (Path folder : List.of(directory, words)) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).forEach(Workplace::remove);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
