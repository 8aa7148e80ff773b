// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Consumer;

import dev.vmsieve.collector.output.WriteWatch;
import dev.vmsieve.filter.io.FileKind;

/// A file that is being made, for its owner alone, and the watch of its writes.
///
/// @param kind what it is: a character device has no disk and answers fsync by an error
record WatchedFile(FileChannel channel, WriteWatch watch, FileKind kind) implements Closeable {
    /// Creates the file, or empties one that is there if that is allowed; it keeps its mode and owner.
    ///
    /// @param left what will be left of it, for the message of the watch
    /// @param lastResort told of the file's failure when the system lets no writer go ([WriteWatch])
    static WatchedFile create(Path path, boolean overwrite, String left, Consumer<IOException> lastResort)
            throws IOException {
        Set<OpenOption> options = overwrite
                ? Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)
                : Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        FileChannel channel = FileChannel.open(path, options,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            FileKind kind = FileKind.of(path);
            WriteWatch watch = kind == FileKind.CHARACTER_DEVICE
                    ? WriteWatch.ofDevice(path, left, lastResort)
                    : new WriteWatch(channel, path, left, lastResort);
            return new WatchedFile(channel, watch, kind);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// False where there is no disk.
    boolean durable() {
        return kind != FileKind.CHARACTER_DEVICE;
    }

    /// Returns when all that was written is on the disk, if there is one.
    void force() throws IOException {
        if (durable()) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        watch.close();
        channel.close();
    }
}
