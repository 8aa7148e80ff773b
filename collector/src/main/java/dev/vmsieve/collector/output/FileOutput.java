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

import dev.vmsieve.filter.io.FileKind;

/// A dump file on a file system, written by positional writes.
public final class FileOutput implements OutputChannel {
    private final Path path;
    private final FileChannel channel;
    private final boolean created;
    private final FileKind kind;
    /// Set by the first write.
    private volatile boolean written;

    private FileOutput(Path path, FileChannel channel, boolean created, FileKind kind) {
        this.path = path;
        this.channel = channel;
        this.created = created;
        this.kind = kind;
    }

    /// Makes the file, readable for its owner only. With overwrite, what is there keeps its mode, and is emptied by the
    /// first write; without, anything there is an error.
    ///
    /// @throws IOException the file cannot be made, or is a pipe, which cannot be written by offset
    public static FileOutput create(Path path, boolean overwrite) throws IOException {
        boolean created = !overwrite || !Files.exists(path);
        FileKind kind = created ? FileKind.REGULAR : FileKind.of(path);
        if (kind == FileKind.PIPE) {
            throw new IOException("[" + path + "] is a pipe, and this dump format is not written in sequence");
        }
        Set<OpenOption> options = Set.of(StandardOpenOption.WRITE,
                !overwrite ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE);
        EnumSet<PosixFilePermission> owner = EnumSet.of(PosixFilePermission.OWNER_READ,
                PosixFilePermission.OWNER_WRITE);
        FileAttribute<Set<PosixFilePermission>> permissions = PosixFilePermissions.asFileAttribute(owner);
        FileChannel channel = FileChannel.open(path, options, permissions);
        // A link may have led to what was made: the link is not ours.
        Path file = created ? path.toRealPath() : path;
        return new FileOutput(file, channel, created, kind);
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
        if (kind == FileKind.REGULAR) {
            channel.truncate(bytes);
        }
    }

    @Override
    public void extend(long bytes) throws IOException {
        if (kind == FileKind.REGULAR && channel.size() < bytes) {
            write(ByteBuffer.allocate(1), bytes - 1);
        }
    }

    @Override
    public void force() throws IOException {
        if (kind != FileKind.CHARACTER_DEVICE) {
            channel.force(true);
        }
    }

    @Override
    public boolean sparse() {
        return kind == FileKind.REGULAR;
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
        return kind == FileKind.REGULAR ? "the dump file is left empty" : "what the device holds is no dump";
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
