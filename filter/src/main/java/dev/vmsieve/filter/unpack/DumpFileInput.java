// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

import org.tukaani.xz.SeekableInputStream;

import dev.vmsieve.filter.io.DumpFile;

/// A dump file as a stream, read in large blocks. Does not close the file.
final class DumpFileInput extends SeekableInputStream {
    private static final int BLOCK_BYTES = 1 << 18;

    private final DumpFile file;
    private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).limit(0);
    private long blockEnd;

    DumpFileInput(DumpFile file) {
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!block.hasRemaining()) {
            block.clear();
            int count = file.read(blockEnd, block);
            block.flip();
            blockEnd += count;
            if (count <= 0) {
                return -1;
            }
        }
        int count = Math.min(length, block.remaining());
        block.get(target, offset, count);
        return count;
    }

    @Override
    public long length() {
        return file.size();
    }

    @Override
    public long position() {
        return blockEnd - block.remaining();
    }

    @Override
    public void seek(long position) {
        block.limit(0);
        blockEnd = position;
    }
}
