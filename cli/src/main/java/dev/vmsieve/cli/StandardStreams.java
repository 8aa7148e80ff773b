// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.vmsieve.filter.io.FileKind;

/// The files behind this process's standard streams, which an output must not be.
final class StandardStreams {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private StandardStreams() {}

    /// Refuses an output that messages would be written into.
    ///
    /// @param advice what to do instead
    static void refuseMessagesIn(Path output, String advice) throws IOException {
        if (isRegular(1, output) || isRegular(2, output)) {
            throw new FileSystemException(output.toString(), null,
                    "Messages are redirected to this file and would be written into it; " + advice);
        }
    }

    /// Refuses an output that standard input is read from.
    static void refuseInput(Path output) throws IOException {
        // A terminal, or /dev/null, may be both.
        if (isSame(0, output) && FileKind.of(output) != FileKind.CHARACTER_DEVICE) {
            throw new FileSystemException(output.toString(), null,
                    "The output is the same file as standard input; it would be destroyed");
        }
    }

    private static boolean isRegular(int descriptor, Path output) throws IOException {
        return isSame(descriptor, output) && Files.isRegularFile(output);
    }

    private static boolean isSame(int descriptor, Path output) throws IOException {
        Path stream = DESCRIPTORS.resolve(Integer.toString(descriptor));
        return Files.exists(stream) && Files.exists(output) && Files.isSameFile(stream, output);
    }
}
