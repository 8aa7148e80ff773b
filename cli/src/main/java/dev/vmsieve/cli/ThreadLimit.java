// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Lowers the number of threads where memory is short: a capture kernel has little, and running out of it there means no
/// dump at all.
final class ThreadLimit {
    /// Buffers, codec state and stack of one thread.
    private static final long KIB_A_THREAD = 2048;
    /// So few fit wherever the program itself does.
    private static final int ALWAYS = 2;

    private ThreadLimit() {}

    /// At most that many threads, and no more than 60 % of the free memory has room for.
    static int of(int wanted) {
        if (wanted <= ALWAYS) {
            return wanted;
        }
        try {
            return of(wanted, Files.readString(Path.of("/proc/meminfo"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            // Nothing is known of the memory; the user's word counts.
            return wanted;
        }
    }

    /// The same with that text of /proc/meminfo.
    static int of(int wanted, String meminfo) {
        int at = meminfo.indexOf("MemAvailable:");
        if (at < 0) {
            return wanted;
        }
        long kib = 0;
        for (int i = at + "MemAvailable:".length(); i < meminfo.length() && meminfo.charAt(i) != 'k'; i++) {
            int digit = meminfo.charAt(i) - '0';
            kib = digit >= 0 && digit <= 9 ? kib * 10 + digit : kib;
        }
        return Math.clamp(kib * 6 / 10 / KIB_A_THREAD, ALWAYS, Math.max(wanted, ALWAYS));
    }
}
