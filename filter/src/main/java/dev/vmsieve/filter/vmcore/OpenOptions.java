// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.nio.file.Path;
import java.util.Optional;

/// How an input is to be read.
///
/// @param mmap map files whose reads are slow (/proc/vmcore); false: read them all the same
/// @param workDirectory where a packed input or a pipe is unpacked to; empty: TMPDIR, else /var/tmp
public record OpenOptions(boolean mmap, Optional<Path> workDirectory) {
    /// Without a work directory of the user's choice.
    public OpenOptions(boolean mmap) {
        this(mmap, Optional.empty());
    }
}
