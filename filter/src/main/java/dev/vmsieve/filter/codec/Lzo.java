// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.nio.ByteBuffer;

/// Placeholder until the codec lands.
public final class Lzo implements PageCodec {
    @Override
    public int flag() {
        return Compression.LZO.flag();
    }

    @Override
    public int maxCompressedBytes(int pageBytes) {
        return Compression.LZO.flag();
    }

    @Override
    public int compress(ByteBuffer source, int sourceOffset, int pageBytes, ByteBuffer target, int targetOffset) {
        return DOES_NOT_SHRINK;
    }

    @Override
    public void decompress(ByteBuffer source, int sourceOffset, int sourceBytes, ByteBuffer target, int targetOffset,
            int pageBytes) {}

    @Override
    public void close() {}
}
