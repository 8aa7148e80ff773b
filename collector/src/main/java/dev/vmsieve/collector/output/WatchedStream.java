// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/// A stream whose writes are watched where it ends in a file ([WriteWatch]). A pipe's reader may take all the time it
/// wants. Closing it leaves the stream open.
public final class WatchedStream implements WritableByteChannel {
    private final WritableByteChannel stream;
    private final @Nullable WriteWatch watch;

    WatchedStream(WritableByteChannel stream, @Nullable WriteWatch watch) {
        this.stream = stream;
        this.watch = watch;
    }

    /// Watches that stream.
    ///
    /// @param name its name, for the message
    /// @param left what will be left of it, to end the message with
    /// @param listener told once, by the watching thread, of the error of a file that lets no writer go
    public static WatchedStream of(WritableByteChannel stream, Path name, String left, Consumer<IOException> listener) {
        return new WatchedStream(stream, stream instanceof FileChannel file && hasPlace(file)
                ? new WriteWatch(file, name, left, listener)
                : null);
    }

    /// False for pipes, sockets and terminals.
    private static boolean hasPlace(FileChannel file) {
        try {
            return file.position() >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    /// True if somebody watches.
    boolean watched() {
        return watch != null;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        if (watch == null) {
            return stream.write(source);
        }
        watch.begin();
        try {
            return stream.write(source);
        } finally {
            watch.end();
        }
    }

    @Override
    public boolean isOpen() {
        return stream.isOpen();
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
    }
}
