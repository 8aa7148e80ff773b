// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.nio.ByteBuffer;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;

import dev.vmsieve.filter.io.CorruptDumpException;

/// One zstd frame a page, with the content's size and without a checksum, by libzstd.
///
/// Run with `-Djdk.util.jar.enableMultiRelease=false`: otherwise zstd-jni takes its variant for newer Java releases, which
/// starts the foreign function interface and costs about 180 ms. The contexts are kept, as making one costs more than a page.
public final class Zstd implements PageCodec {
    /// The level makedumpfile uses.
    public static final int DEFAULT_LEVEL = 1;

    private final ZstdCompressCtx compressor;
    private @Nullable ZstdDecompressCtx decompressor;

    /// A codec of [#DEFAULT_LEVEL].
    public Zstd() {
        this(DEFAULT_LEVEL);
    }

    /// @param level compression level as in zstd, negative ones are faster
    public Zstd(int level) {
        NativeLibraries.loadZstd();
        compressor = new ZstdCompressCtx();
        compressor.setLevel(level).setContentSize(true).setChecksum(false);
    }

    @Override
    public int flag() {
        return Compression.ZSTD.flag();
    }

    @Override
    public int maxCompressedBytes(int pageBytes) {
        // ZSTD_COMPRESSBOUND of zstd.h; with less room libzstd takes a slower way and may give up with an error
        return pageBytes + (pageBytes >> 8) + Math.max(0, ((128 << 10) - pageBytes) >> 11);
    }

    @Override
    public int compress(ByteBuffer source, int sourceOffset, int pageBytes, ByteBuffer target, int targetOffset) {
        // both ranges are checked against the buffers' limits by the library
        int bytes = compressor.compressDirectByteBuffer(target, targetOffset, maxCompressedBytes(pageBytes), source,
                sourceOffset, pageBytes);
        return bytes < pageBytes ? bytes : DOES_NOT_SHRINK;
    }

    @Override
    public void decompress(ByteBuffer source, int sourceOffset, int sourceBytes, ByteBuffer target, int targetOffset,
            int pageBytes) throws CorruptDumpException {
        Objects.checkFromIndexSize(targetOffset, pageBytes, target.limit());
        Objects.checkFromIndexSize(sourceOffset, sourceBytes, source.limit());
        int bytes;
        try {
            bytes = decompressor().decompressDirectByteBuffer(target, targetOffset, pageBytes, source, sourceOffset,
                    sourceBytes);
        } catch (ZstdException e) {
            CorruptDumpException corrupt = new CorruptDumpException("zstd page: " + e.getMessage());
            corrupt.initCause(e);
            throw corrupt;
        }
        if (bytes != pageBytes) {
            throw new CorruptDumpException("zstd page: must yield " + pageBytes + " bytes but yielded " + bytes);
        }
    }

    private ZstdDecompressCtx decompressor() {
        ZstdDecompressCtx context = decompressor;
        if (context == null) {
            context = new ZstdDecompressCtx();
            decompressor = context;
        }
        return context;
    }

    @Override
    public void close() {
        compressor.close();
        if (decompressor != null) {
            decompressor.close();
        }
    }
}
