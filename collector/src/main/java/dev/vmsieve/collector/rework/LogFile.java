// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.collector.output.SizeLimitException;

/// A text file for the kernel's log: created with the first bytes, for its owner alone, held to a size, and on the disk
/// when [#finish] returns.
///
/// A log that could not be written to its end keeps what was written; the error's message says so.
public final class LogFile extends OutputStream {
    /// No limit to the size.
    public static final long NO_LIMIT = Long.MAX_VALUE;

    private final Path path;
    private final boolean overwrite;
    private final long limitBytes;
    private final Consumer<IOException> lastResort;
    private long leftBytes;
    private @Nullable WatchedFile file;

    /// Makes nothing yet.
    ///
    /// @param overwrite a file that is there may be emptied
    /// @param limitBytes the file must not grow past this; [#NO_LIMIT] if it may
    /// @param lastResort told of the file's failure when the system lets no writer go ([dev.vmsieve.collector.output.WriteWatch])
    public LogFile(Path path, boolean overwrite, long limitBytes, Consumer<IOException> lastResort) {
        this.path = path;
        this.overwrite = overwrite;
        this.limitBytes = limitBytes;
        this.lastResort = lastResort;
        this.leftBytes = limitBytes;
    }

    private WatchedFile open() throws IOException {
        WatchedFile opened = file;
        if (opened == null) {
            opened = WatchedFile.create(path, overwrite, "the log is not complete", lastResort);
            file = opened;
        }
        return opened;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[]{(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return;
        }
        WatchedFile opened = open();
        int allowed = (int) Math.min(length, leftBytes);
        try {
            write(opened, ByteBuffer.wrap(bytes, offset, allowed));
        } catch (IOException refused) {
            throw new IOException("[" + path + "] the log is not complete: " + refused.getMessage(), refused);
        }
        leftBytes -= allowed;
        if (allowed < length) {
            IOException limit = new SizeLimitException(limitBytes);
            throw new IOException("[" + path + "] the log is not complete: " + limit.getMessage(), limit);
        }
    }

    private static void write(WatchedFile file, ByteBuffer source) throws IOException {
        file.watch().begin();
        try {
            while (source.hasRemaining()) {
                file.channel().write(source);
            }
        } finally {
            file.watch().end();
        }
    }

    /// All was written, be it nothing: puts it on the disk.
    public void finish() throws IOException {
        open().force();
    }

    @Override
    public void close() throws IOException {
        WatchedFile opened = file;
        if (opened != null) {
            opened.close();
        }
    }
}
