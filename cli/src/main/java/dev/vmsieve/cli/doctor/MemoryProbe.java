// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;

import dev.vmsieve.filter.codec.Compression;

/// Measures what this program needs for a dump.
public interface MemoryProbe {
    /// Does a small dump and looks at the process.
    Peak measure(Compression compression, int level, int threads) throws IOException;

    /// Memory of the process at its peak.
    ///
    /// @param residentBytes all that was resident
    /// @param fileBytes what of it is files' pages: the runtime's code, which is page cache
    record Peak(long residentBytes, long fileBytes) {
        /// What nothing can take away while it runs.
        long ownBytes() {
            return Math.max(residentBytes - fileBytes, 0);
        }
    }
}
