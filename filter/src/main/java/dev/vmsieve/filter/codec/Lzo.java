// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.nio.ByteBuffer;

import dev.vmsieve.filter.io.CorruptDumpException;

/// One LZO1X block a page, by [LzoEncoder] and [LzoDecoder].
///
/// Both work on arrays, which the JIT handles best: the page is copied in once, and the result out once.
public final class Lzo implements PageCodec {
    private static final int MIN_PAGE_BYTES = 64;

    private final LzoEncoder encoder = new LzoEncoder();
    private final LzoDecoder decoder = new LzoDecoder();
    private byte[] page = {};
    private byte[] block = {};

    @Override
    public int flag() {
        return Compression.LZO.flag();
    }

    @Override
    public int maxCompressedBytes(int pageBytes) {
        return pageBytes;
    }

    @Override
    public int compress(ByteBuffer source, int sourceOffset, int pageBytes, ByteBuffer target, int targetOffset) {
        if (pageBytes < MIN_PAGE_BYTES) {
            return DOES_NOT_SHRINK;
        }
        reserve(pageBytes, LzoEncoder.maxBytes(pageBytes));
        source.get(sourceOffset, page, LzoEncoder.LEAD, pageBytes);
        int bytes = encoder.encode(page, pageBytes, block);
        if (bytes >= pageBytes) {
            return DOES_NOT_SHRINK;
        }
        target.put(targetOffset, block, 0, bytes);
        return bytes;
    }

    @Override
    public void decompress(ByteBuffer source, int sourceOffset, int sourceBytes, ByteBuffer target, int targetOffset,
            int pageBytes) throws CorruptDumpException {
        reserve(pageBytes, sourceBytes);
        source.get(sourceOffset, block, 0, sourceBytes);
        decoder.decode(block, sourceBytes, page, pageBytes);
        target.put(targetOffset, page, 0, pageBytes);
    }

    private void reserve(int pageBytes, int blockBytes) {
        if (page.length < LzoEncoder.LEAD + pageBytes + LzoEncoder.SLACK) {
            page = new byte[LzoEncoder.LEAD + pageBytes + LzoEncoder.SLACK];
        }
        if (block.length < blockBytes) {
            block = new byte[blockBytes];
        }
    }

    @Override
    public void close() {}
}
