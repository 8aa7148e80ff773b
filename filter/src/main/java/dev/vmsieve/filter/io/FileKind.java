// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a name leads to, by the type bits of st_mode (inode(7)). Java tells files and directories, and calls the rest other.
public enum FileKind {
    /// A FIFO, with a name or without.
    PIPE(0010000),
    /// A terminal, /dev/null and the like: no disk lies behind it.
    CHARACTER_DEVICE(0020000),
    /// A directory.
    DIRECTORY(0040000),
    /// A disk or partition.
    BLOCK_DEVICE(0060000),
    /// An ordinary file.
    REGULAR(0100000),
    /// A socket.
    SOCKET(0140000);

    private static final int TYPE_MASK = 0170000;

    private final int type;

    FileKind(int type) {
        this.type = type;
    }

    /// What the path leads to, through links.
    ///
    /// @throws java.nio.file.NoSuchFileException if there is nothing
    public static FileKind of(Path path) throws IOException {
        int type = (int) Files.getAttribute(path, "unix:mode") & TYPE_MASK;
        for (FileKind kind : values()) {
            if (kind.type == type) {
                return kind;
            }
        }
        throw new IOException("[" + path + "] is of a kind that is not known: 0" + Integer.toOctalString(type));
    }
}
