// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.FileDumpFile;

/// A file without a name: it is deleted as soon as it is open, so nothing is left of it however the run ends.
///
/// Its directory is the one asked for, else that of the environment's TMPDIR, else /var/tmp, which unlike /tmp is rarely
/// memory. Blocks of zeroes are left as holes. Written by one thread.
public final class WorkFile implements AutoCloseable {
    private static final int BLOCK_BYTES = 1 << 16;
    private static final Path USUAL = Path.of("/var/tmp");
    private static final byte[] ZEROES = new byte[BLOCK_BYTES];

    private final Path directory;
    private final FileChannel channel;
    private boolean handedOn;

    private WorkFile(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /// Where work files are made unless the user wants another place.
    public static Path usualDirectory() {
        String environment = System.getenv("TMPDIR");
        return environment == null || environment.isEmpty() ? USUAL : Path.of(environment);
    }

    /// Makes one, which only the user may read.
    static WorkFile create(Optional<Path> wanted) throws IOException {
        Path directory = wanted.isPresent() ? wanted.get() : usualDirectory();
        Path path = directory.resolve(".vmsieve-" + Long.toHexString(ThreadLocalRandom.current().nextLong()));
        FileChannel channel = open(path, wanted.isPresent());
        try {
            Files.delete(path);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new WorkFile(directory, channel);
    }

    private static FileChannel open(Path path, boolean wanted) throws IOException {
        try {
            return FileChannel.open(path,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileSystemException e) {
            String reason = switch (e) {
                case NoSuchFileException none -> "it does not exist";
                case AccessDeniedException denied -> "permission denied";
                default -> String.valueOf(e.getReason());
            };
            var named = new FileSystemException(String.valueOf(path.getParent()), null,
                    "The work file cannot be made in this directory, "
                            + (wanted ? "of --work-dir" : "the default or TMPDIR")
                            + ": " + reason + "; --work-dir names another one");
            named.initCause(e);
            throw named;
        }
    }

    /// Where it is, for messages.
    Path directory() {
        return directory;
    }

    /// Bytes that can be written there.
    long freeBytes() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    /// Writes all that the stream has.
    ///
    /// @throws IOException of the stream as it is; of the file with its directory named
    void fill(InputStream bytes) throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        long end = 0;
        for (int count = bytes.readNBytes(block, 0, BLOCK_BYTES); count > 0; count = bytes.readNBytes(block, 0,
                BLOCK_BYTES)) {
            if (!Arrays.equals(block, 0, count, ZEROES, 0, count)) {
                write(block, count, end);
            }
            end += count;
        }
        if (end > channel.size()) {
            write(ZEROES, 1, end - 1);
        }
    }

    private void write(byte[] block, int count, long offset) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(block, 0, count);
        try {
            while (source.hasRemaining()) {
                channel.write(source, offset + source.position());
            }
        } catch (IOException e) {
            var named = new FileSystemException(directory.toString(), null,
                    "The work file could not be written at offset 0x"
                            + Long.toHexString(offset) + ": " + e.getMessage()
                            + "; --work-dir names another directory for it");
            named.initCause(e);
            throw named;
        }
    }

    /// The file for reading, which the caller closes.
    ///
    /// @param shown name for messages
    DumpFile toDumpFile(Path shown) throws IOException {
        DumpFile file = FileDumpFile.of(shown, channel);
        handedOn = true;
        return file;
    }

    @Override
    public void close() throws IOException {
        if (!handedOn) {
            channel.close();
        }
    }
}
