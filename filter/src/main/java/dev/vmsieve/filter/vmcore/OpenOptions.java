// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.filter.unpack.WorkFile;

/// How an input is to be read.
///
/// @param mmap map files whose reads are slow (/proc/vmcore); false: read them all the same
/// @param workDirectory where a packed input or a pipe is unpacked to; empty: TMPDIR, else /var/tmp
/// @param bitmapDirectory where bitmaps and tables lie that are more than memory is to hold; empty: the former
public record OpenOptions(boolean mmap, Optional<Path> workDirectory, Optional<Path> bitmapDirectory) {
    /// Without a work directory of the user's choice.
    public OpenOptions(boolean mmap) {
        this(mmap, Optional.empty());
    }

    /// One directory for all.
    public OpenOptions(boolean mmap, Optional<Path> workDirectory) {
        this(mmap, workDirectory, Optional.empty());
    }

    /// The same with bitmaps and tables in that directory.
    public OpenOptions withBitmapDirectory(Path directory) {
        return new OpenOptions(mmap, workDirectory, Optional.of(directory));
    }

    Path bitmapsIn() {
        Optional<Path> directory = bitmapDirectory.isPresent() ? bitmapDirectory : workDirectory;
        return directory.isPresent() ? directory.get() : WorkFile.usualDirectory();
    }
}
