// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;

/// An output whose writes are watched ([WriteWatch]).
public final class WatchedOutput implements OutputChannel {
    private final OutputChannel output;
    private final WriteWatch watch;

    WatchedOutput(OutputChannel output, WriteWatch watch) {
        this.output = output;
        this.watch = watch;
    }

    /// Watches that output, which is closed with this one.
    ///
    /// @param file its name, for the message
    /// @param left what will be left of it, to end the message with
    /// @param listener told once, by the watching thread, of the error of an output that lets no writer go
    public static WatchedOutput of(OutputChannel output, Path file, String left, Consumer<IOException> listener) {
        return new WatchedOutput(output, new WriteWatch(output::force, file, left, WriteWatch.PATIENCE, listener));
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        watch.begin();
        try {
            output.write(source, offset);
        } finally {
            watch.end();
        }
    }

    @Override
    public void truncate(long bytes) throws IOException {
        output.truncate(bytes);
    }

    @Override
    public void extend(long bytes) throws IOException {
        output.extend(bytes);
    }

    @Override
    public void force() throws IOException {
        output.force();
    }

    @Override
    public boolean sparse() {
        return output.sparse();
    }

    @Override
    public boolean sequential() {
        return output.sequential();
    }

    @Override
    public void end() throws IOException {
        output.end();
    }

    @Override
    public String discard() throws IOException {
        watch.close();
        return output.discard();
    }

    @Override
    public void close() throws IOException {
        watch.close();
        output.close();
    }
}
