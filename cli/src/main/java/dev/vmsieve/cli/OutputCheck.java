// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.filter.io.FileKind;
import dev.vmsieve.filter.vmcore.SplitParts;

/// Looks at the output's name before anything is read: on a large machine the first write comes minutes later, too late
/// to learn that the directory was missing.
final class OutputCheck {
    private OutputCheck() {}

    /// Refuses outputs of which one could not be written or must not be.
    static void check(DumpInput input, DumpOutput output) throws IOException {
        if (output.split().isPresent()) {
            output.split().get().checkFiles();
        }
        for (Path file : output.files()) {
            check(input, file, output.overwrite());
        }
    }

    /// Refuses an output that could not be written or must not be.
    ///
    /// @param overwrite an existing file may be overwritten
    static void check(DumpInput input, Path output, boolean overwrite) throws IOException {
        check(input.files(), output, overwrite);
        StandardStreams.refuseMessagesIn(output, "-F sends it to standard output");
        if (Files.exists(output) && SplitParts.isPart(input.file()) && SplitParts.isPart(output)) {
            throw new FileSystemException(output.toString(), null,
                    "The output is a part of a split dump, like the input "
                            + input.file() + "; the last operand is the file to write");
        }
    }

    /// The same for an output that is made of these files; none if its input is no file.
    static void check(List<Path> inputs, Path output, boolean overwrite) throws IOException {
        if (output.toString().isEmpty()) {
            throw new FileSystemException("", null, "The name of the dump file is empty");
        }
        if (!Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
            checkDirectoryOf(output);
        } else if (!overwrite) {
            throw new FileSystemException(output.toString(), null, "File exists; -f overwrites it");
        } else if (Files.exists(output)) {
            checkExisting(inputs, output);
        } else {
            // A dangling link: what it points to is made.
            checkDirectoryOf(output.resolveSibling(Files.readSymbolicLink(output)));
        }
    }

    /// Refuses names that name no file: [Path] would take "" for the directory at hand, and "new/" for a file.
    static void checkNames(CommandLine line) throws IOException {
        boolean read = switch (line.mode()) {
            case CREATE, KERNEL_LOG, MEMORY_USAGE -> true;
            case REARRANGE, REASSEMBLE, GENERATE, HELP, VERSION -> false;
        };
        for (String name : read ? line.inputs() : List.<String>of()) {
            if (name.isEmpty()) {
                throw new FileSystemException("", null, "The name of the input is empty");
            }
        }
        for (String name : line.operands()) {
            if (name.endsWith("/") && !Files.isDirectory(Path.of(name))) {
                throw new FileSystemException(name, null, "Is the name of a directory, and there is none");
            }
        }
    }

    /// A --work-dir is not always used, but one that does not exist is a mistake all the same.
    static void checkWorkDirectory(Optional<String> directory) throws IOException {
        if (directory.isPresent()) {
            Path path = Path.of(directory.get());
            if (!Files.isDirectory(path) || !Files.isWritable(path)) {
                throw new FileSystemException(directory.get(), null, "--work-dir must be a directory that is writable");
            }
        }
    }

    private static void checkExisting(List<Path> inputs, Path output) throws IOException {
        if (Files.isDirectory(output)) {
            throw new FileSystemException(output.toString(), null, "Is a directory");
        }
        for (Path input : inputs) {
            if (Files.exists(input) && Files.isSameFile(input, output)) {
                throw new FileSystemException(output.toString(), null,
                        "The output is the same file as the input " + input + "; it would be destroyed");
            }
        }
        FileKind kind = FileKind.of(output);
        if (kind == FileKind.PIPE || kind == FileKind.SOCKET) {
            throw new FileSystemException(output.toString(), null,
                    "Is a pipe or socket: a dump file needs seeking; -F writes a stream");
        }
        if (!Files.isWritable(output)) {
            throw new FileSystemException(output.toString(), null, "The file is not writable");
        }
    }

    private static void checkDirectoryOf(Path output) throws IOException {
        Path parent = output.toAbsolutePath().getParent();
        if (parent == null || !Files.exists(parent)) {
            throw new FileSystemException(output.toString(), null, "The directory " + parent + " does not exist");
        }
        if (!Files.isDirectory(parent)) {
            throw new FileSystemException(output.toString(), null, parent + " is not a directory");
        }
        if (!Files.isWritable(parent)) {
            throw new FileSystemException(output.toString(), null, "The directory " + parent + " is not writable");
        }
        checkLength(output);
    }

    /// The system itself says whether a name is too long: existence tests swallow that error.
    private static void checkLength(Path output) throws IOException {
        try {
            Files.readAttributes(output, "size", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return;
        }
    }
}
