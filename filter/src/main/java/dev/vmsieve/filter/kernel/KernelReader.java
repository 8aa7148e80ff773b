// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads kernel memory by address; what this package needs of the packages below it.
public interface KernelReader {
    /// Fills [targetOffset, targetOffset + bytes) of the target with kernel memory from the address on.
    ///
    /// @throws IOException if part of it cannot be read
    void read(long kvaddr, ByteBuffer target, int targetOffset, int bytes) throws IOException;
}
