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
    /// The value of vm.overcommit_memory under which memory is short where too much has been promised.
    private static final String STRICT = "2";

    private ThreadLimit() {}

    /// At most that many threads, and no more than 60 % of the free memory has room for.
    static int of(int wanted) {
        if (wanted <= ALWAYS) {
            return wanted;
        }
        try {
            return of(wanted, text("/proc/meminfo"), text("/proc/sys/vm/overcommit_memory"));
        } catch (IOException e) {
            // Nothing is known of the memory; the user's word counts.
            return wanted;
        }
    }

    /// The same with these texts of /proc/meminfo and /proc/sys/vm/overcommit_memory.
    static int of(int wanted, String meminfo, String overcommit) {
        long available = kib(meminfo, "MemAvailable:");
        if (available < 0) {
            return wanted;
        }
        if (overcommit.startsWith(STRICT)) {
            available = Math.min(available, kib(meminfo, "CommitLimit:") - kib(meminfo, "Committed_AS:"));
        }
        return Math.clamp(available * 6 / 10 / KIB_A_THREAD, ALWAYS, Math.max(wanted, ALWAYS));
    }

    private static String text(String file) throws IOException {
        return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
    }

    /// The number after that key; -1 if the key is not there.
    private static long kib(String meminfo, String key) {
        int at = meminfo.indexOf(key);
        if (at < 0) {
            return -1;
        }
        long kib = 0;
        for (int i = at + key.length(); i < meminfo.length() && meminfo.charAt(i) != 'k'; i++) {
            int digit = meminfo.charAt(i) - '0';
            kib = digit >= 0 && digit <= 9 ? kib * 10 + digit : kib;
        }
        return kib;
    }
}
