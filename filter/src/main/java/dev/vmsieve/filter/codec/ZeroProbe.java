// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.io.CorruptDumpException;

/// Tells whether a stored page is filled with zeroes. One worker's; all buffers are direct.
///
/// A page of zeroes compresses to so few bytes, with any sensible encoder, that larger forms need no look. Smaller ones
/// are decompressed, except where they are byte for byte like the last page of zeroes seen with that method. A page of
/// zeroes that somebody stored in a clumsy way is not recognised, which costs nothing but its space.
///
/// | method | 4 KiB of zeroes | 64 KiB | looked at |
/// |---|---|---|---|
/// | zlib level 1 | 41 bytes | 95 | up to 1/64 of a page + 64 |
/// | LZO1X-1 | 44 | 285 | the same |
/// | snappy | 196 | 3133 | up to 3/64 of a page + 64: copies have at most 64 bytes |
/// | zstd level 1 | 19 | 19 | like zlib |
public final class ZeroProbe implements AutoCloseable {
    private static final int UNIT = 64;

    private final int pageBytes;
    private final @Nullable PageCodec[] codecs = new PageCodec[Compression.ZSTD.flag() + 1];
    /// Bytes of the last page of zeroes seen, by method, from 0 to the limit.
    private final @Nullable ByteBuffer[] known = new ByteBuffer[Compression.ZSTD.flag() + 1];
    private final ByteBuffer page;
    private final ZeroPage zeroes;

    /// A probe for pages of that size, a multiple of 64 bytes.
    public ZeroProbe(int pageBytes) {
        this.pageBytes = pageBytes;
        this.page = ByteBuffer.allocateDirect(pageBytes);
        this.zeroes = new ZeroPage(pageBytes);
    }

    /// True if a page stored in so many bytes may be one of zeroes, so that [#isZero] needs its bytes.
    public boolean mayBeZero(Compression method, int bytes) {
        return switch (method) {
            case NONE -> true;
            case ZLIB, LZO, ZSTD -> bytes <= pageBytes / UNIT + UNIT;
            case SNAPPY -> bytes <= pageBytes / UNIT * 3 + UNIT;
        };
    }

    /// True if the page stored at [at, at + bytes) of the data is filled with zeroes; false for one that cannot be
    /// decompressed.
    public boolean isZero(Compression method, ByteBuffer data, int at, int bytes) {
        if (method == Compression.NONE) {
            return zeroes.isAt(data, at);
        }
        if (!mayBeZero(method, bytes)) {
            return false;
        }
        ByteBuffer seen = known[method.flag()];
        if (seen != null && isSame(seen, data, at, bytes)) {
            return true;
        }
        try {
            codec(method).decompress(data, at, bytes, page, 0, pageBytes);
        } catch (CorruptDumpException broken) {
            return false;
        }
        if (!zeroes.isAt(page, 0)) {
            return false;
        }
        known[method.flag()] = ByteBuffer.allocateDirect(bytes).order(data.order()).put(0, data, at, bytes);
        return true;
    }

    /// Buffers of the same byte order are compared; a slice would be an object for each page.
    private static boolean isSame(ByteBuffer seen, ByteBuffer data, int at, int bytes) {
        if (seen.limit() != bytes || seen.order() != data.order()) {
            return false;
        }
        int i = 0;
        for (; i + Long.BYTES <= bytes; i += Long.BYTES) {
            if (seen.getLong(i) != data.getLong(at + i)) {
                return false;
            }
        }
        for (; i < bytes; i++) {
            if (seen.get(i) != data.get(at + i)) {
                return false;
            }
        }
        return true;
    }

    private PageCodec codec(Compression method) {
        PageCodec codec = codecs[method.flag()];
        if (codec == null) {
            codec = method.newCodec();
            codecs[method.flag()] = codec;
        }
        return codec;
    }

    @Override
    public void close() {
        for (PageCodec codec : codecs) {
            if (codec != null) {
                codec.close();
            }
        }
    }
}
