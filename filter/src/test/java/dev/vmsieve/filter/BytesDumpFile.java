// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import java.nio.ByteBuffer;
import java.nio.file.Path;

import dev.vmsieve.filter.io.DumpFile;

/// A dump in an array.
final class BytesDumpFile implements DumpFile {
    private final byte[] bytes;

    BytesDumpFile(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public Path path() {
        return Path.of("vmcore");
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
