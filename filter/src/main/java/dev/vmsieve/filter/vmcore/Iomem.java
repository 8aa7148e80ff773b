// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The running system's map of physical addresses, /proc/iomem: lines `  15000000-24ffffff : Crash kernel`, last address
/// inclusive, indented by what they lie in. Who may not know sees zeroes for all addresses.
final class Iomem {
    private static final int MAX_BYTES = 4 << 20;
    private static final String CRASH_KERNEL = " : Crash kernel";

    private Iomem() {}

    /// The pages reserved for a crash kernel, which no dump of the system holds.
    ///
    /// @throws IOException the JDK's own, with the file named, if the system refuses
    static PfnRanges crashKernel(Path file, int pageBytes) throws IOException {
        String text;
        try (InputStream stream = Files.newInputStream(file)) {
            text = new String(stream.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1);
        }
        List<long[]> found = new ArrayList<>();
        for (String line : text.lines().toList()) {
            int dash = line.indexOf('-');
            if (line.endsWith(CRASH_KERNEL) && dash > 0) {
                long first = address(line.substring(0, dash));
                long last = address(line.substring(dash + 1, line.length() - CRASH_KERNEL.length()));
                if (first >= 0 && last > first && last < Long.MAX_VALUE) {
                    found.add(new long[]{first / pageBytes, last / pageBytes + 1});
                }
            }
        }
        long[] starts = new long[found.size()];
        long[] ends = new long[found.size()];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = found.get(i)[0];
            ends[i] = found.get(i)[1];
        }
        return new PfnRanges(starts, ends);
    }

    private static long address(String hex) {
        try {
            return Long.parseLong(hex.strip(), 16);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
