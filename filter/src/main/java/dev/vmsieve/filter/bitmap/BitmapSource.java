// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Where the bits of a bitmap lie: in a dump file, or in another bitmap. They do not change. Safe for all threads.
public interface BitmapSource {
    /// Fills the target, from its position to its limit, with the bitmap's bytes from byteOffset on; bytes past the end
    /// are anything.
    void read(long byteOffset, ByteBuffer target) throws IOException;

    /// The first byte from byteOffset on that may be other than zero; where there is none, any place behind the end.
    default long nextData(long byteOffset) {
        return byteOffset;
    }
}
