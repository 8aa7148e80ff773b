// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.io.DumpException;

/// A system to be examined: its files, its setup, and what is dear to find out, found out once.
final class Host {
    /// What is looked through of an initramfs if nothing is reserved, so that every larger one would do.
    private static final long USUAL_BYTES = 1L << 30;

    private final HostFiles files;
    private final String release;
    private final Setup setup;
    private final String version;
    private final MemoryProbe probe;
    private final boolean administrator;
    /// Null until it was read.
    private @Nullable Initramfs image;

    private Host(HostFiles files, String release, Setup setup, String version, MemoryProbe probe,
            boolean administrator) {
        this.files = files;
        this.release = release;
        this.setup = setup;
        this.version = version;
        this.probe = probe;
        this.administrator = administrator;
    }

    /// Reads what kind of system it is.
    ///
    /// @param root its root directory
    /// @param version of this program
    static Host of(Path root, String version, MemoryProbe probe) throws IOException {
        var files = new HostFiles(root);
        String release = files.text("/proc/sys/kernel/osrelease").orElse("").strip();
        return new Host(files, release, SetupReader.read(files, release), version, probe, isAdministrator());
    }

    private static boolean isAdministrator() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    HostFiles files() {
        return files;
    }

    /// Of the kernel that runs; empty if it is not known.
    String release() {
        return release;
    }

    Setup setup() {
        return setup;
    }

    /// Of this program.
    String version() {
        return version;
    }

    MemoryProbe probe() {
        return probe;
    }

    /// True if this process may do everything.
    boolean administrator() {
        return administrator;
    }

    /// Bytes reserved for the crash kernel; 0 if there are none, empty if the kernel cannot have one.
    OptionalLong reservedBytes() throws IOException {
        return files.number("/sys/kernel/kexec_crash_size");
    }

    /// What is in the crash kernel's initramfs, read once; empty if there is no such file.
    Optional<Initramfs> image() throws IOException {
        Initramfs known = image;
        if (known != null) {
            return Optional.of(known);
        }
        Optional<Path> file = setup.image().isEmpty() ? Optional.empty() : files.regular(setup.image());
        if (file.isEmpty()) {
            return Optional.empty();
        }
        long reserved = reservedBytes().orElse(0);
        Initramfs read = readImage(file.get(), reserved > 0 ? reserved : USUAL_BYTES);
        image = read;
        return Optional.of(read);
    }

    private Initramfs readImage(Path file, long limitBytes) throws IOException {
        try {
            return Initramfs.read(file, limitBytes);
        } catch (FileSystemException | DumpException named) {
            throw named;
        } catch (IOException e) {
            throw new IOException(setup.image() + ": " + e.getMessage(), e);
        }
    }
}
