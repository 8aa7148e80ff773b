// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;
import java.util.Optional;

import dev.vmsieve.filter.BytesDumpFile;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.progress.Progress;

/// The way into this package for the fuzz tests, which are in one class.
public final class DebugInfoFuzz {
    private DebugInfoFuzz() {}

    /// Reads a vmlinux that is in memory.
    public static Vmcoreinfo read(byte[] file) throws IOException {
        return Vmlinux.read(new BytesDumpFile("vmlinux", file), Optional.empty(), Progress.NONE);
    }
}
