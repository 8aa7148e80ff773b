// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// The runtime image that a system has installed.
///
/// @param jar of the program, where it lies here
record Installed(Path jar) {
    static final String TREE = "/usr/lib/vmsieve";
    private static final List<String> MODULES = List.of("/usr/lib/dracut/modules.d/50vmsieve/module-setup.sh",
            "/lib/dracut/modules.d/50vmsieve/module-setup.sh");
    private static final String VERSION = "dev/vmsieve/cli/version.txt";
    private static final int LONGEST_VERSION = 100;

    /// What the package has put in place; empty if it is not installed.
    static Optional<Installed> find(HostFiles files) throws IOException {
        return files.regular(TREE + "/lib/vmsieve.jar").map(Installed::new);
    }

    /// Its dracut module, which puts it into each image that is made from now on; empty if it is not installed.
    static Optional<Path> module(HostFiles files) throws IOException {
        Optional<Path> module = Optional.empty();
        for (String place : MODULES) {
            module = module.isPresent() ? module : files.regular(place);
        }
        return module;
    }

    /// The file that a program's name leads to, as a path in the system; empty if there is none.
    ///
    /// @param directories where names without one are looked for, in order
    static Optional<String> resolve(HostFiles files, String program, List<String> directories) throws IOException {
        for (String directory : program.contains("/") ? List.of("") : directories) {
            String path = directory.isEmpty() ? program : directory + "/" + program;
            if (files.exists(path) && !files.isDirectory(path)) {
                return Optional.of(files.shown(files.at(path)));
            }
        }
        return Optional.empty();
    }

    /// True if that file is the launcher of an installed program.
    static boolean isLauncher(String path) {
        return path.equals(TREE + "/bin/vmsieve");
    }

    /// The version that the jar says it is.
    ///
    /// @throws IOException if it is no jar
    String version() throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry(VERSION);
            if (entry == null) {
                return "unknown";
            }
            try (InputStream in = zip.getInputStream(entry)) {
                return new String(in.readNBytes(LONGEST_VERSION), StandardCharsets.US_ASCII).strip();
            }
        }
    }
}
