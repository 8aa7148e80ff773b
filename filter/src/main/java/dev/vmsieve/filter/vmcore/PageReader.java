// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads physical memory of a vmcore; one instance a thread, never shared.
public interface PageReader extends AutoCloseable {
    /// Fills [targetOffset, targetOffset + bytes) of the target with the physical memory from paddr on.
    ///
    /// Bytes that no segment stores read as zero. A page that the system cannot read (EIO, a memory error) reads as
    /// zero too, is counted in [Vmcore#unreadablePages], and the rest is read on.
    ///
    /// @param paddr physical address in bytes, any alignment
    /// @throws IOException if the input fails as a whole (it is gone, the container is corrupt)
    void read(long paddr, ByteBuffer target, int targetOffset, int bytes) throws IOException;

    @Override
    void close();
}
