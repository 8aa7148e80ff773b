// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.nio.ByteBuffer;

import dev.vmsieve.filter.io.CorruptDumpException;

/// No compression: no page ever shrinks, and a stored page is copied.
public final class Stored implements PageCodec {
    @Override
    public int flag() {
        return Compression.NONE.flag();
    }

    @Override
    public int maxCompressedBytes(int pageBytes) {
        return pageBytes;
    }

    @Override
    public int compress(ByteBuffer source, int sourceOffset, int pageBytes, ByteBuffer target, int targetOffset) {
        return DOES_NOT_SHRINK;
    }

    @Override
    public void decompress(ByteBuffer source, int sourceOffset, int sourceBytes, ByteBuffer target, int targetOffset,
            int pageBytes) throws CorruptDumpException {
        if (sourceBytes != pageBytes) {
            throw new CorruptDumpException(
                    "stored page: size must be the block size " + pageBytes + " but was " + sourceBytes);
        }
        target.put(targetOffset, source, sourceOffset, pageBytes);
    }

    @Override
    public void close() {}
}
