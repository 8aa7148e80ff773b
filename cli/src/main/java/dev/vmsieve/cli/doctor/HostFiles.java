// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// The files of a system, by their paths in it: links stay below its root, and only so much is read of any file.
final class HostFiles {
    /// More than any configuration has.
    private static final int MOST_TEXT_BYTES = 1 << 18;
    private static final int MOST_NAMES = 10_000;
    private static final int MOST_LINKS = 40;

    private final Path root;

    HostFiles(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /// Where a file of the system lies here, all links followed. It need not be there.
    Path at(String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>();
        push(path, rest);
        Path here = root;
        int links = 0;
        while (!rest.isEmpty()) {
            String name = rest.pop();
            if (name.equals("..")) {
                here = here.equals(root) ? root : parent(here);
            } else if (!name.isEmpty() && !name.equals(".")) {
                Path next = child(here, name);
                if (!Files.isSymbolicLink(next)) {
                    here = next;
                } else if (++links > MOST_LINKS) {
                    throw new FileSystemException(path, null, "Too many levels of symbolic links");
                } else {
                    String target = Files.readSymbolicLink(next).toString();
                    here = target.startsWith("/") ? root : here;
                    push(target, rest);
                }
            }
        }
        return here;
    }

    private Path parent(Path here) {
        Path parent = here.getParent();
        return parent == null ? root : parent;
    }

    private static Path child(Path here, String name) throws IOException {
        try {
            return here.resolve(name);
        } catch (InvalidPathException e) {
            throw new FileSystemException(name, null, "is no file name on this system");
        }
    }

    private static void push(String path, Deque<String> rest) {
        String[] names = path.split("/", -1);
        for (int i = names.length - 1; i >= 0; i--) {
            rest.push(names[i]);
        }
    }

    /// The path in the system of what [#at] found.
    String shown(Path here) {
        return here.equals(root) ? "/" : "/" + root.relativize(here);
    }

    /// True if there is such a file or directory.
    boolean exists(String path) throws IOException {
        return Files.exists(at(path), LinkOption.NOFOLLOW_LINKS);
    }

    /// True if there is such a directory.
    boolean isDirectory(String path) throws IOException {
        return Files.isDirectory(at(path), LinkOption.NOFOLLOW_LINKS);
    }

    /// Names in a directory, in no order; empty if there is none.
    Set<String> names(String path) throws IOException {
        Path here = at(path);
        Set<String> names = new HashSet<>();
        if (Files.isDirectory(here, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(here)) {
                for (Path entry : entries) {
                    names.add(String.valueOf(entry.getFileName()));
                    if (names.size() > MOST_NAMES) {
                        throw new FileSystemException(path, null, "must hold at most " + MOST_NAMES
                                + " files but holds more");
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        return names;
    }

    /// An ordinary file to be read as a stream; empty if there is none.
    ///
    /// @throws FileSystemException if it is a pipe, a device or a directory, whose reading might have no end
    Optional<Path> regular(String path) throws IOException {
        Path here = at(path);
        if (!Files.exists(here, LinkOption.NOFOLLOW_LINKS)) {
            // Tells a file that is not there from a directory that must not be searched.
            return Files.notExists(here, LinkOption.NOFOLLOW_LINKS) ? Optional.empty() : Optional.of(denied(here));
        }
        if (!Files.isRegularFile(here, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(path, null, "must be a file but is something else");
        }
        return Optional.of(here);
    }

    private static Path denied(Path here) throws IOException {
        Files.newInputStream(here).close();
        return here;
    }

    /// A text file; empty if there is none.
    ///
    /// @throws FileSystemException if it is no ordinary file, or too large to be one that people wrote
    Optional<String> text(String path) throws IOException {
        Optional<Path> file = regular(path);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file.get())) {
            byte[] bytes = in.readNBytes(MOST_TEXT_BYTES + 1);
            if (bytes.length > MOST_TEXT_BYTES) {
                throw new FileSystemException(path, null, "must be at most " + MOST_TEXT_BYTES
                        + " bytes long but is longer");
            }
            return Optional.of(new String(bytes, StandardCharsets.UTF_8));
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    /// The decimal number that is all of a file; empty if there is no file, or no number.
    OptionalLong number(String path) throws IOException {
        Optional<String> text = text(path);
        try {
            return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text.get().strip()));
        } catch (NumberFormatException none) {
            return OptionalLong.empty();
        }
    }
}
