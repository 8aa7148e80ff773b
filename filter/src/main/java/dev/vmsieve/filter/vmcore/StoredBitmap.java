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
    @Override
    public void read(long byteOffset, ByteBuffer target) throws IOException {
        int start = target.position();
        if (first.isPresent()) {
            KdumpPart part = first.get();
            read(part, part.headers().layout().firstBitmapOffset() + byteOffset, target);
        }
        for (KdumpPart part : second) {
            long offset = part.headers().layout().secondBitmapOffset() + byteOffset;
            if (target.position() == start) {
                read(part, offset, target);
            } else {
                ByteBuffer more = ByteBuffer.allocateDirect(target.position() - start);
                read(part, offset, more);
                add(more, target, start);
            }
        }
    }

    private static void read(KdumpPart part, long offset, ByteBuffer target) throws IOException {
        part.file().read("kdump bitmaps", offset, target);
        if (target.hasRemaining()) {
            throw new CorruptDumpException("[" + part.name() + "] kdump bitmaps: end within the file, at offset 0x"
                    + Long.toHexString(part.file().size()));
        }
    }

    private static void add(ByteBuffer more, ByteBuffer target, int start) {
        for (int i = 0; i < more.capacity(); i++) {
            target.put(start + i, (byte) (target.get(start + i) | more.get(i)));
        }
    }
}
