// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/// A dump file on a file system, written by positional writes.
public final class FileOutput implements OutputChannel {
    private static final int FILE_TYPE_MASK = 0xf000;
    private static final int FIFO = 0x1000;
    private static final int CHARACTER_DEVICE = 0x2000;

    private final Path path;
    private final FileChannel channel;
    private final boolean created;
    private final boolean regular;
    private final boolean durable;
    /// Set by the first write.
    private volatile boolean written;

    private FileOutput(Path path, FileChannel channel, boolean created, boolean regular, boolean durable) {
        this.path = path;
        this.channel = channel;
        this.created = created;
        this.regular = regular;
        this.durable = durable;
    }

    /// Makes the file, readable for its owner only. With overwrite, what is there keeps its mode, and is emptied by the
    /// first write; without, anything there is an error.
    ///
    /// @throws IOException the file cannot be made, or is a pipe, which cannot be written by offset
    public static FileOutput create(Path path, boolean overwrite) throws IOException {
        int mode = overwrite && Files.exists(path) ? (int) Files.getAttribute(path, "unix:mode") & FILE_TYPE_MASK : 0;
        if (mode == FIFO) {
            throw new IOException("[" + path + "] is a pipe, and this dump format is not written in sequence");
        }
        Set<OpenOption> options = Set.of(StandardOpenOption.WRITE,
                mode == 0 && !overwrite ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE);
        EnumSet<PosixFilePermission> owner = EnumSet.of(PosixFilePermission.OWNER_READ,
                PosixFilePermission.OWNER_WRITE);
        FileAttribute<Set<PosixFilePermission>> permissions = PosixFilePermissions.asFileAttribute(owner);
        FileChannel channel = FileChannel.open(path, options, permissions);
        // A link may have led to what was made: the link is not ours.
        Path file = mode == 0 ? path.toRealPath() : path;
        return new FileOutput(file, channel, mode == 0, mode == 0 || Files.isRegularFile(path),
                mode != CHARACTER_DEVICE);
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        if (!written) {
            empty();
        }
        long at = offset;
        while (source.hasRemaining()) {
            at += channel.write(source, at);
        }
    }

    private synchronized void empty() throws IOException {
        if (!written) {
            truncate(0);
            written = true;
        }
    }

    @Override
    public void truncate(long bytes) throws IOException {
        if (regular) {
            channel.truncate(bytes);
        }
    }

    @Override
    public void extend(long bytes) throws IOException {
        if (regular && channel.size() < bytes) {
            write(ByteBuffer.allocate(1), bytes - 1);
        }
    }

    @Override
    public void force() throws IOException {
        if (durable) {
            channel.force(true);
        }
    }

    @Override
    public boolean sparse() {
        return regular;
    }

    @Override
    public String discard() throws IOException {
        try {
            return takeBack();
        } finally {
            close();
        }
    }

    private String takeBack() throws IOException {
        if (created) {
            Files.deleteIfExists(path);
            return NOTHING_LEFT;
        }
        if (!written) {
            return "what was there is as it was";
        }
        truncate(0);
        return regular ? "the dump file is left empty" : "what the device holds is no dump";
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
