// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// The text file given with `-i`.
final class VmcoreinfoFile {
    private VmcoreinfoFile() {}

    /// Reads it, if there is one.
    static Optional<Vmcoreinfo> read(Optional<Path> given) throws IOException {
        if (given.isEmpty()) {
            return Optional.empty();
        }
        Path file = given.get();
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "Is a directory");
        }
        return Optional.of(Vmcoreinfo.read(file));
    }
}
