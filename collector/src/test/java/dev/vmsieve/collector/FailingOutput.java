// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

import dev.vmsieve.collector.output.FileOutput;
import dev.vmsieve.collector.output.OutputChannel;

/// A file whose disk fails at one write: half of that write's bytes arrive. A disk that is full stays so for all that
/// comes behind the full part, until the file is cut.
final class FailingOutput implements OutputChannel {
    private final OutputChannel file;
    private final String message;
    private final boolean staysFull;
    /// Guarded by this, like the rest.
    private int writesLeft;
    private boolean full;
    private int writes;

    FailingOutput(Path path, int failingWrite, String message, boolean staysFull) throws IOException {
        this(path, false, failingWrite, message, staysFull);
    }

    FailingOutput(Path path, boolean overwrite, int failingWrite, String message, boolean staysFull)
            throws IOException {
        this.file = FileOutput.create(path, overwrite);
        this.writesLeft = failingWrite;
        this.message = message;
        this.staysFull = staysFull;
    }

    /// How many writes there were.
    synchronized int writes() {
        return writes;
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        synchronized (this) {
            writes++;
            if (writesLeft-- == 0) {
                full = staysFull;
                source.limit(source.position() + source.remaining() / 2);
                file.write(source, offset);
                throw new IOException(message);
            }
            if (full && offset >= 4096) {
                throw new IOException(message);
            }
        }
        file.write(source, offset);
    }

    @Override
    public synchronized void truncate(long bytes) throws IOException {
        full = false;
        file.truncate(bytes);
    }

    @Override
    public void extend(long bytes) throws IOException {
        file.extend(bytes);
    }

    @Override
    public void force() throws IOException {
        file.force();
    }

    @Override
    public boolean sparse() {
        return file.sparse();
    }

    @Override
    public String discard() throws IOException {
        return file.discard();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
