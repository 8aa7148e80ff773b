// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;

/// A dump as bytes by file offset. Safe for use by several threads.
public interface DumpFile extends Closeable {
    /// The name the user gave, for messages.
    Path path();

    /// Length in bytes, as it was when the file was opened.
    long size();

    /// Fills the target from its position to its limit with the bytes from the file offset on, and moves its position
    /// past them.
    ///
    /// @return bytes read: less than asked only where the file ends, 0 at or past its end
    /// @throws IOException if the system cannot read some byte of the range; the target's contents and position are
    ///         then undefined
    int read(long offset, ByteBuffer target) throws IOException;

    /// The first byte from the offset on that may be other than zero; where there is none the end, or any place behind it.
    /// A file that knows nothing of holes answers the offset.
    default long nextData(long offset) {
        return offset;
    }

    /// The same as [#read] for something that can be done without.
    ///
    /// @return false if the file ends before, or the system cannot read some byte; a closed file still throws
    default boolean tryRead(long offset, ByteBuffer target) throws IOException {
        int wanted = target.remaining();
        try {
            return read(offset, target) == wanted;
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException systemError) {
            return false;
        }
    }

    /// The same for something that has a name: where the system cannot read, the message says what it is, and where.
    ///
    /// @param structure as messages about its contents call it
    default int read(String structure, long offset, ByteBuffer target) throws IOException {
        try {
            return read(offset, target);
        } catch (ClosedChannelException | DumpException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("[" + path() + "] " + structure + ": cannot be read: " + e.getMessage()
                    + " (offset 0x" + Long.toHexString(offset) + ")", e);
        }
    }
}
