// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.nio.ByteBuffer;

/// One page in a direct buffer, to be compressed again and again.
final class DirectPages {
    private final PageCodec codec;
    private final int pageBytes;
    private final ByteBuffer source;
    private final ByteBuffer target;

    DirectPages(PageCodec codec, byte[] page) {
        this.codec = codec;
        pageBytes = page.length;
        source = ByteBuffer.allocateDirect(pageBytes).put(0, page);
        target = ByteBuffer.allocateDirect(codec.maxCompressedBytes(pageBytes));
    }

    int compressOnly() {
        return codec.compress(source, 0, pageBytes, target, 0);
    }

    byte[] compress() {
        byte[] stream = new byte[compressOnly()];
        target.get(0, stream);
        return stream;
    }
}
