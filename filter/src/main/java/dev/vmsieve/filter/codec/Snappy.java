// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

import org.xerial.snappy.SnappyNative;

import dev.vmsieve.filter.io.CorruptDumpException;

/// One raw snappy block a page, by libsnappy.
///
/// The native functions check nothing about the buffers, so every range is checked here. The block's own length field
/// decides how much libsnappy writes, so it is compared with the page's size before anything is decoded.
public final class Snappy implements PageCodec {
    private final SnappyNative snappy = NativeLibraries.snappy();

    @Override
    public int flag() {
        return Compression.SNAPPY.flag();
    }

    @Override
    public int maxCompressedBytes(int pageBytes) {
        return 32 + pageBytes + pageBytes / 6; // MaxCompressedLength of snappy.cc
    }

    @Override
    public int compress(ByteBuffer source, int sourceOffset, int pageBytes, ByteBuffer target, int targetOffset) {
        requireDirect(source, sourceOffset, pageBytes);
        requireDirect(target, targetOffset, maxCompressedBytes(pageBytes));
        try {
            int bytes = snappy.rawCompress(source, sourceOffset, pageBytes, target, targetOffset);
            return bytes < pageBytes ? bytes : DOES_NOT_SHRINK;
        } catch (IOException e) {
            throw new IllegalStateException("snappy cannot compress a page of " + pageBytes + " bytes", e);
        }
    }

    @Override
    public void decompress(ByteBuffer source, int sourceOffset, int sourceBytes, ByteBuffer target, int targetOffset,
            int pageBytes) throws CorruptDumpException {
        requireDirect(source, sourceOffset, sourceBytes);
        requireDirect(target, targetOffset, pageBytes);
        long length = uncompressedLength(source, sourceOffset, sourceBytes);
        if (length != pageBytes) {
            throw new CorruptDumpException(
                    "snappy page: length field must be the block size " + pageBytes + " but was " + length);
        }
        try {
            int bytes = snappy.rawUncompress(source, sourceOffset, sourceBytes, target, targetOffset);
            if (bytes != pageBytes) {
                throw new CorruptDumpException("snappy page: must yield " + pageBytes + " bytes but yielded " + bytes);
            }
        } catch (CorruptDumpException e) {
            throw e;
        } catch (IOException e) {
            CorruptDumpException corrupt = new CorruptDumpException("snappy page: " + e.getMessage());
            corrupt.initCause(e);
            throw corrupt;
        }
    }

    /// The length field at the block's start: 7 bits a byte, lowest first, at most 32 bits.
    private static long uncompressedLength(ByteBuffer source, int offset, int bytes) throws CorruptDumpException {
        long length = 0;
        for (int at = 0; at < Math.min(bytes, 5); at++) {
            int b = source.get(offset + at);
            length |= (long) (b & 0x7f) << (7 * at);
            if (b >= 0) {
                return length;
            }
        }
        throw new CorruptDumpException(
                "snappy page: length field does not end within " + Math.min(bytes, 5) + " bytes");
    }

    private static void requireDirect(ByteBuffer buffer, int offset, int bytes) {
        if (!buffer.isDirect()) {
            throw new IllegalArgumentException("buffer must be direct");
        }
        Objects.checkFromIndexSize(offset, bytes, buffer.limit());
    }

    @Override
    public void close() {}
}
