// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.io.CorruptDumpException;

/// One zlib stream (RFC 1950) a page, written by [DeflateEncoder] and read by zlib.
///
/// The own encoder takes well under half of the time that zlib takes at its fastest level, for 2 to 3 % more output.
public final class Zlib implements PageCodec {
    private final DeflateEncoder encoder = new DeflateEncoder();
    private @Nullable Inflater inflater;
    private byte[] compressed = new byte[0];
    private byte[] page = new byte[0];

    @Override
    public int flag() {
        return Compression.ZLIB.flag();
    }

    @Override
    public int maxCompressedBytes(int pageBytes) {
        return pageBytes;
    }

    @Override
    public int compress(ByteBuffer source, int sourceOffset, int pageBytes, ByteBuffer target, int targetOffset) {
        reserve(DeflateMatcher.LEAD + pageBytes + DeflateMatcher.SLACK, DeflateEncoder.maxBytes(pageBytes));
        source.get(sourceOffset, page, DeflateMatcher.LEAD, pageBytes);
        int bytes = encoder.encode(page, pageBytes, compressed);
        if (bytes < 0) {
            return DOES_NOT_SHRINK;
        }
        target.put(targetOffset, compressed, 0, bytes);
        return bytes;
    }

    @Override
    public void decompress(ByteBuffer source, int sourceOffset, int sourceBytes, ByteBuffer target, int targetOffset,
            int pageBytes) throws CorruptDumpException {
        reserve(pageBytes + 1, sourceBytes);
        source.get(sourceOffset, compressed, 0, sourceBytes);
        Inflater stream = inflater();
        stream.reset();
        stream.setInput(compressed, 0, sourceBytes);
        int bytes = inflate(stream, pageBytes + 1); // one more than wanted, so that a longer stream shows
        if (bytes != pageBytes || !stream.finished()) {
            throw new CorruptDumpException("zlib page: must end after " + pageBytes + " bytes but "
                    + (stream.finished() ? "ended after " : "went on or broke off after ") + bytes);
        }
        if (stream.getRemaining() != 0) {
            throw new CorruptDumpException("zlib page: " + stream.getRemaining() + " bytes follow the stream's end");
        }
        target.put(targetOffset, page, 0, pageBytes);
    }

    private int inflate(Inflater stream, int limit) throws CorruptDumpException {
        int bytes = 0;
        try {
            while (bytes < limit) {
                int step = stream.inflate(page, bytes, limit - bytes);
                if (step == 0) {
                    break; // finished, out of input, or in want of a dictionary: the caller tells them apart
                }
                bytes += step;
            }
            return bytes;
        } catch (DataFormatException e) {
            CorruptDumpException corrupt = new CorruptDumpException("zlib page: " + e.getMessage());
            corrupt.initCause(e);
            throw corrupt;
        }
    }

    private Inflater inflater() {
        Inflater stream = inflater;
        if (stream == null) {
            stream = new Inflater();
            inflater = stream;
        }
        return stream;
    }

    private void reserve(int pageBytes, int compressedBytes) {
        if (page.length < pageBytes) {
            page = new byte[pageBytes];
        }
        if (compressed.length < compressedBytes) {
            compressed = new byte[compressedBytes];
        }
    }

    @Override
    public void close() {
        if (inflater != null) {
            inflater.end();
        }
    }
}
