// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// The text file given with `-i`.
final class VmcoreinfoFile {
    /// A kernel's VMCOREINFO is a page or two; a file larger than this is something else.
    private static final int MAX_BYTES = 1 << 20;

    private VmcoreinfoFile() {}

    /// Reads it, if there is one.
    static Optional<Vmcoreinfo> read(Optional<Path> given) throws IOException {
        if (given.isEmpty()) {
            return Optional.empty();
        }
        Path file = given.get();
        String name = file.toString();
        if (Files.isDirectory(file)) {
            throw new FileSystemException(name, null, "Is a directory");
        }
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] text = stream.readNBytes(MAX_BYTES + 1);
            Vmcoreinfo vmcoreinfo = Vmcoreinfo.parse(name, text);
            if (text.length > MAX_BYTES || vmcoreinfo.text("OSRELEASE").isEmpty()) {
                throw new FileSystemException(name, null, "Is no VMCOREINFO file: there is no line OSRELEASE=...");
            }
            return Optional.of(vmcoreinfo);
        }
    }
}
