// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A dump that is read by position. The fastest way for ordinary files, and the one that always works.
public final class FileDumpFile implements DumpFile {
    private final Path path;
    private final FileChannel channel;
    private final long size;

    private FileDumpFile(Path path, FileChannel channel, long size) {
        this.path = path;
        this.channel = channel;
        this.size = size;
    }

    /// Opens the file for reading.
    ///
    /// @throws IOException the JDK's own, with the file named, if the system refuses
    public static FileDumpFile open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new FileDumpFile(path, channel, channel.size());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// A file that is open already, which closing closes.
    ///
    /// @param shown name for messages: that of what the user gave, where the file itself has none
    public static FileDumpFile of(Path shown, FileChannel channel) throws IOException {
        return new FileDumpFile(shown, channel, channel.size());
    }

    /// For mapping parts of it.
    FileChannel channel() {
        return channel;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
        int done = 0;
        while (target.hasRemaining()) {
            int count = channel.read(target, offset + done);
            if (count <= 0) {
                break;
            }
            done += count;
        }
        return done;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
