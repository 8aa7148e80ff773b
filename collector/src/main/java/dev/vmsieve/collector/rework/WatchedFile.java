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

/// A file that is being made, for its owner alone, and the watch of its writes.
record WatchedFile(FileChannel channel, WriteWatch watch) implements Closeable {
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
        return new WatchedFile(channel, new WriteWatch(channel, path, left, lastResort));
    }

    @Override
    public void close() throws IOException {
        watch.close();
        channel.close();
    }
}
