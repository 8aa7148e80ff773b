// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import java.nio.ByteBuffer;
import java.nio.file.Path;

import dev.vmsieve.filter.io.DumpFile;

/// A file in an array.
public final class BytesDumpFile implements DumpFile {
    private final String name;
    private final byte[] bytes;

    /// A dump.
    BytesDumpFile(byte[] bytes) {
        this("vmcore", bytes);
    }

    /// Any file, of that name in messages.
    public BytesDumpFile(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    @Override
    public Path path() {
        return Path.of(name);
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public int read(long offset, ByteBuffer target) {
        int count = (int) Math.max(0, Math.min(target.remaining(), bytes.length - offset));
        if (count > 0) {
            target.put(bytes, (int) offset, count);
        }
        return count;
    }

    @Override
    public void close() {}
}
