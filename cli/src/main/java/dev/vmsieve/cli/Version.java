// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// What this is, for -v and for the first line of debugging.
final class Version {
    private Version() {}

    /// `vmsieve: version 1.0`, or the same under another name.
    static String line(String program) {
        return program + ": version " + number() + (program.equals(Invocation.VMSIEVE) ? "" : " (vmsieve)");
    }

    /// The answer to -v: the line, the compressions that are built in, an empty line.
    static String page(String program) {
        return line(program) + "\nlzo\tenabled\nsnappy\tenabled\nzstd\tenabled\n\n";
    }

    /// The number alone: `1.0`.
    static String number() {
        try (InputStream stream = Version.class.getResourceAsStream("version.txt")) {
            return stream == null ? "unknown" : new String(stream.readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
