// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.filter.unpack.WorkFile;

/// How an input is to be read.
///
/// @param mmap map files whose reads are slow (/proc/vmcore); false: read them all the same
/// @param workDirectory where a packed input or a pipe is unpacked to, and bitmaps lie that are more than memory is to
///        hold; empty: TMPDIR, else /var/tmp
public record OpenOptions(boolean mmap, Optional<Path> workDirectory) {
    /// Without a work directory of the user's choice.
    public OpenOptions(boolean mmap) {
        this(mmap, Optional.empty());
    }

    /// Where work files are made.
    Path directory() {
        return workDirectory.isPresent() ? workDirectory.get() : WorkFile.usualDirectory();
    }
}
