// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

import dev.vmsieve.collector.output.SizeLimitException;

/// A text file for the kernel's log: created for its owner alone, held to a size, and on the disk when [#finish] returns.
///
/// A log that could not be written to its end keeps what was written; the error's message says so.
public final class LogFile extends OutputStream {
    /// No limit to the size.
    public static final long NO_LIMIT = Long.MAX_VALUE;

    private final Path path;
    private final FileChannel channel;
    private final OutputStream out;
    private final long limitBytes;
    private long leftBytes;

    private LogFile(Path path, FileChannel channel, long limitBytes) {
        this.path = path;
        this.channel = channel;
        this.out = Channels.newOutputStream(channel);
        this.limitBytes = limitBytes;
        this.leftBytes = limitBytes;
    }

    /// Creates the file, or empties one that is there if that is allowed.
    ///
    /// @param limitBytes the file must not grow past this; [#NO_LIMIT] if it may
    public static LogFile create(Path path, boolean overwrite, long limitBytes) throws IOException {
        Set<StandardOpenOption> options = overwrite
                ? Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)
                : Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        return new LogFile(path, FileChannel.open(path, options,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))), limitBytes);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[]{(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int allowed = (int) Math.min(length, leftBytes);
        try {
            out.write(bytes, offset, allowed);
        } catch (IOException refused) {
            throw new IOException("[" + path + "] the log is not complete: " + refused.getMessage(), refused);
        }
        leftBytes -= allowed;
        if (allowed < length) {
            IOException limit = new SizeLimitException(limitBytes);
            throw new IOException("[" + path + "] the log is not complete: " + limit.getMessage(), limit);
        }
    }

    /// All was written: puts it on the disk.
    public void finish() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
