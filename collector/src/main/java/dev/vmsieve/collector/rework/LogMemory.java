// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Kernel memory as the log's readers see it.
interface LogMemory {
    /// Fills [targetOffset, targetOffset + bytes) of the target with kernel memory from the address on.
    ///
    /// @throws dev.vmsieve.filter.io.CorruptDumpException if part of it is not mapped or not in the dump
    void read(long kvaddr, ByteBuffer target, int targetOffset, int bytes) throws IOException;
}
