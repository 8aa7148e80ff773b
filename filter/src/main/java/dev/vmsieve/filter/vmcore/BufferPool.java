// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// Direct buffers of one size that readers hand on to those opened after them. The garbage collector alone would free
/// them, and it hardly runs where the heap is hardly used. Safe for all threads.
final class BufferPool {
    private final int bytes;
    /// Guarded by this.
    private final ArrayDeque<ByteBuffer> idle = new ArrayDeque<>();

    BufferPool(int bytes) {
        this.bytes = bytes;
    }

    /// A buffer for the caller alone, with any contents.
    synchronized ByteBuffer take() {
        ByteBuffer buffer = idle.poll();
        return buffer == null ? ByteBuffer.allocateDirect(bytes) : buffer;
    }

    /// Takes a buffer back, which the caller uses no more.
    synchronized void giveBack(ByteBuffer buffer) {
        idle.push(buffer);
    }
}
