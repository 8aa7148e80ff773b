// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.nio.ByteBuffer;

import dev.vmsieve.filter.io.CorruptDumpException;

/// Compresses and decompresses single pages.
///
/// An instance belongs to one worker thread and is never shared; it holds native or large state, so it is closed.
/// All buffers are direct; positions and limits of the arguments are neither used nor changed: places are given as
/// absolute offsets in bytes.
public sealed interface PageCodec extends AutoCloseable permits Stored, Zlib, Lzo, Snappy, Zstd {
    /// Returned by [#compress] for a page that does not shrink: it is to be stored as it is.
    int DOES_NOT_SHRINK = -1;

    /// The method bit of a page descriptor: 0x1 zlib, 0x2 LZO, 0x4 snappy, 0x20 zstd, 0 stored.
    int flag();

    /// Bytes that must be writable at the target offset of [#compress], slack included, for a page of that size.
    int maxCompressedBytes(int pageBytes);

    /// Compresses one page; the result is smaller than the page or is [#DOES_NOT_SHRINK].
    ///
    /// Bytes of the target between the result's end and [#maxCompressedBytes] may be overwritten with anything.
    ///
    /// @return bytes written at the target offset, below pageBytes, or [#DOES_NOT_SHRINK]
    int compress(ByteBuffer source, int sourceOffset, int pageBytes, ByteBuffer target, int targetOffset);

    /// Decompresses one page; the stream must yield exactly pageBytes and be used up, nothing outside is written.
    ///
    /// @throws CorruptDumpException if the stream is broken; the message says how, and the caller adds the file's name,
    ///         the pfn and the offset
    void decompress(ByteBuffer source, int sourceOffset, int sourceBytes, ByteBuffer target, int targetOffset,
            int pageBytes) throws CorruptDumpException;

    @Override
    void close();
}
