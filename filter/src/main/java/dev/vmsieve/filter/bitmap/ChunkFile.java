// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

/// Where parts of bitmaps and tables go that are more than memory is to hold: a file without a name, deleted as soon as it
/// is open.
///
/// Made when first written. It stays open for as long as a bitmap refers to it. Safe for all threads.
public final class ChunkFile {
    private final Path directory;
    private @Nullable FileChannel channel;
    private long end;
    private boolean unusable;

    /// @param directory where the file is made
    public ChunkFile(Path directory) {
        this.directory = directory;
    }

    /// Appends the whole buffer.
    ///
    /// @return where it begins; -1 if the file cannot be written, now and from now on
    public synchronized long append(ByteBuffer bytes) {
        if (unusable) {
            return -1;
        }
        try {
            FileChannel file = channel;
            if (file == null) {
                file = create(directory);
                channel = file;
            }
            long start = end;
            ByteBuffer source = bytes.duplicate().clear();
            while (source.hasRemaining()) {
                end += file.write(source, end);
            }
            return start;
        } catch (IOException cannotBeHad) {
            unusable = true;
            return -1;
        }
    }

    /// Writes the whole buffer where one of the same length was appended.
    ///
    /// @return where it begins, as before; -1 if the file cannot be written, now and from now on
    synchronized long rewrite(long start, ByteBuffer bytes) {
        if (unusable) {
            return -1;
        }
        try {
            FileChannel file = opened();
            ByteBuffer source = bytes.duplicate().clear();
            while (source.hasRemaining()) {
                file.write(source, start + source.position());
            }
            return start;
        } catch (IOException cannotBeHad) {
            unusable = true;
            return -1;
        }
    }

    /// Fills the whole buffer.
    ///
    /// @throws UncheckedIOException if what was written cannot be read
    public void read(long start, ByteBuffer bytes) {
        ByteBuffer target = bytes.duplicate().clear();
        try {
            FileChannel file = opened();
            while (target.hasRemaining()) {
                if (file.read(target, start + target.position()) < 0) {
                    throw new EOFException("it ends early");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "[" + directory + "] the file for bitmaps cannot be read: " + e.getMessage(), e);
        }
    }

    private synchronized FileChannel opened() {
        FileChannel file = channel;
        if (file == null) {
            throw new IllegalStateException("nothing was written to the file for bitmaps");
        }
        return file;
    }

    private static FileChannel create(Path directory) throws IOException {
        Path path = directory.resolve(".vmsieve-" + Long.toHexString(ThreadLocalRandom.current().nextLong()));
        FileChannel file = FileChannel.open(path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.delete(path);
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }
}
