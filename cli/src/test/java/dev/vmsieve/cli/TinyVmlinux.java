// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A vmlinux of a few structures, with DWARF 5: tiny.dwarf5 of filter's tests, whose tiny.c and VmlinuxTest tell how it was
/// made.
final class TinyVmlinux {
    static final String RELEASE = "6.1.0-tiny";
    private static final int UTSNAME_STRING = 65;

    private TinyVmlinux() {}

    /// Writes it as it is.
    static Path write(Path file) throws IOException {
        return write(file, RELEASE);
    }

    /// Writes one of another release.
    static Path write(Path file, String release) throws IOException {
        byte[] bytes;
        try (InputStream in = TinyVmlinux.class.getResourceAsStream("tiny.vmlinux")) {
            bytes = Objects.requireNonNull(in).readAllBytes();
        }
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(RELEASE);
        Arrays.fill(bytes, at, at + UTSNAME_STRING, (byte) 0);
        byte[] text = release.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, bytes, at, text.length);
        return Files.write(file, bytes);
    }

    /// The release of the kernel in an ELF vmcore.
    static String releaseOf(Path vmcore) throws IOException {
        Matcher line = Pattern.compile("OSRELEASE=(.*)").matcher(Files.readString(vmcore, StandardCharsets.ISO_8859_1));
        if (!line.find()) {
            throw new IllegalArgumentException(vmcore + " has no OSRELEASE");
        }
        return line.group(1);
    }
}
