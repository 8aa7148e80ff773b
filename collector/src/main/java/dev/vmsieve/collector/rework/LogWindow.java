// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.nio.ByteBuffer;

import dev.vmsieve.filter.io.CorruptDumpException;

/// An array in kernel memory, read in large pieces although it is asked for in small ones. One thread.
final class LogWindow {
    /// Bytes kept, and the longest piece that can be asked for is a page less.
    private static final int BYTES = 1 << 17;
    private static final int PAGE = 4096;

    private final LogMemory memory;
    private final long kvaddr;
    private final long length;
    private final ByteBuffer bytes;
    /// What the buffer holds: [from, to) of the array.
    private long from;
    private long to;

    /// @param kvaddr address of the array
    /// @param length bytes in it
    LogWindow(LogKeys keys, long kvaddr, long length) {
        this.memory = keys.memory();
        this.kvaddr = kvaddr;
        this.length = length;
        this.bytes = ByteBuffer.allocateDirect((int) Math.min(BYTES, length)).order(keys.order());
    }

    /// The buffer in which [#load] puts things.
    ByteBuffer buffer() {
        return bytes;
    }

    /// Sees to it that [offset, offset + wanted) of the array is in the buffer.
    ///
    /// @param offset at least 0, and offset + wanted at most the array's length
    /// @return where in the buffer it begins
    int load(long offset, int wanted) throws IOException {
        if (offset < from || offset + wanted > to) {
            fill(offset, wanted);
        }
        return (int) (offset - from);
    }

    private void fill(long offset, int wanted) throws IOException {
        long start = offset + wanted <= bytes.capacity() ? 0 : offset - offset % PAGE;
        long end = Math.min(start + bytes.capacity(), length);
        try {
            read(start, end);
        } catch (CorruptDumpException partlyMissing) {
            read(offset, offset + wanted);
        }
    }

    private void read(long start, long end) throws IOException {
        to = from;
        memory.read(kvaddr + start, bytes, 0, (int) (end - start));
        from = start;
        to = end;
    }
}
