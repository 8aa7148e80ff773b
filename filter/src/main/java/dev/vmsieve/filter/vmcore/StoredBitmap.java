// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.filter.bitmap.BitmapSource;
import dev.vmsieve.filter.format.kdump.KdumpPart;
import dev.vmsieve.filter.io.CorruptDumpException;

/// A bitmap as it lies in kdump files: all pages that are in any of those named.
///
/// @param first the file whose 1st bitmap counts
/// @param second those whose 2nd bitmaps count; all of the layout of the first part
record StoredBitmap(Optional<KdumpPart> first, List<KdumpPart> second) implements BitmapSource {
    private static final int PIECE_BYTES = 8 << 10;

    @Override
    public void read(long byteOffset, ByteBuffer target) throws IOException {
        int start = target.position();
        if (first.isPresent()) {
            read(first.get(), firstOffset(first.get()) + byteOffset, target);
        }
        for (KdumpPart part : second) {
            long offset = secondOffset(part) + byteOffset;
            if (target.position() == start) {
                read(part, offset, target);
            } else {
                add(part, offset, target, start);
            }
        }
    }

    @Override
    public long nextData(long byteOffset) {
        long next = first.map(part -> nextData(part, firstOffset(part), byteOffset)).orElse(Long.MAX_VALUE);
        for (KdumpPart part : second) {
            next = Math.min(next, nextData(part, secondOffset(part), byteOffset));
        }
        return next;
    }

    private static long nextData(KdumpPart part, long bitmap, long byteOffset) {
        return part.file().nextData(bitmap + byteOffset) - bitmap;
    }

    private static long firstOffset(KdumpPart part) {
        return part.headers().layout().firstBitmapOffset();
    }

    private static long secondOffset(KdumpPart part) {
        return part.headers().layout().secondBitmapOffset();
    }

    private static void read(KdumpPart part, long offset, ByteBuffer target) throws IOException {
        part.file().read("kdump bitmaps", offset, target);
        if (target.hasRemaining()) {
            throw new CorruptDumpException("[" + part.name() + "] kdump bitmaps: end within the file, at offset 0x"
                    + Long.toHexString(part.file().size()));
        }
    }

    /// Adds the bits of one more part to those from start on. Piece by piece, and not in direct buffers: these would fill
    /// memory long before the garbage collector frees the first.
    private static void add(KdumpPart part, long offset, ByteBuffer target, int start) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        int end = target.position();
        for (int at = start; at < end; at += piece.limit()) {
            read(part, offset + at - start, piece.clear().limit(Math.min(PIECE_BYTES, end - at)));
            for (int i = 0; i < piece.limit(); i++) {
                target.put(at + i, (byte) (target.get(at + i) | piece.get(i)));
            }
        }
    }
}
