// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.io.CorruptDumpException;

/// One LZO1X block a page: written by libsnappy and [LzoTranscoder], or by [LzoEncoder], and read by [LzoDecoder].
///
/// All work on arrays, which the JIT handles best: what they read is copied in once, and the result out once.
public final class Lzo implements PageCodec {
    private static final int MIN_PAGE_BYTES = 64;

    private final @Nullable Snappy snappy;
    private final LzoEncoder encoder = new LzoEncoder();
    private final LzoDecoder decoder = new LzoDecoder();
    private byte[] page = {};
    private byte[] block = {};
    private ByteBuffer snappyBlock = ByteBuffer.allocateDirect(0);

    public Lzo() {
        this(NativeLibraries.hasSnappy());
    }

    /// @param transcode whether libsnappy finds the matches
    Lzo(boolean transcode) {
        snappy = transcode ? new Snappy() : null;
    }

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
        int bytes;
        if (snappy != null && pageBytes <= LzoTranscoder.MOST_BYTES) {
            bytes = transcode(snappy, source, sourceOffset, pageBytes);
        } else {
            source.get(sourceOffset, page, LzoEncoder.LEAD, pageBytes);
            bytes = encoder.encode(page, pageBytes, block);
        }
        if (bytes >= pageBytes || bytes == DOES_NOT_SHRINK) {
            return DOES_NOT_SHRINK;
        }
        target.put(targetOffset, block, 0, bytes);
        return bytes;
    }

    private int transcode(Snappy snappy, ByteBuffer source, int sourceOffset, int pageBytes) {
        int most = snappy.maxCompressedBytes(pageBytes);
        if (snappyBlock.capacity() < most) {
            snappyBlock = ByteBuffer.allocateDirect(most);
        }
        int bytes = snappy.compress(source, sourceOffset, pageBytes, snappyBlock, 0);
        if (bytes == DOES_NOT_SHRINK) {
            return DOES_NOT_SHRINK;
        }
        snappyBlock.get(0, page, 0, bytes);
        return LzoTranscoder.encode(page, bytes, block);
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
