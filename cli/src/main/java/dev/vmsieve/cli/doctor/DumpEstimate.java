// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.cli.console.Text;

/// How much memory a dump level would keep now, by the kernel's own counters.
///
/// @param bytes what is kept
/// @param parts how that comes about
/// @param known false if the counters are not there
record DumpEstimate(long bytes, String parts, boolean known) {
    private static final int CACHE = 2 | 4;
    private static final int USER = 8;
    private static final int FREE = 16;

    /// @param meminfo text of /proc/meminfo
    static DumpEstimate of(String meminfo, int level) {
        long total = MemInfo.bytes(meminfo, "MemTotal");
        List<String> parts = new ArrayList<>();
        parts.add("memory " + Text.bytes(total));
        long kept = total;
        if ((level & FREE) != 0) {
            kept -= take("free", MemInfo.bytes(meminfo, "MemFree"), parts);
        }
        if ((level & CACHE) != 0) {
            long cache = MemInfo.bytes(meminfo, "Cached") + MemInfo.bytes(meminfo, "Buffers")
                    - MemInfo.bytes(meminfo, "Shmem");
            kept -= take("page cache", Math.max(cache, 0), parts);
        }
        if ((level & USER) != 0) {
            long huge = MemInfo.bytes(meminfo, "HugePages_Total") * MemInfo.bytes(meminfo, "Hugepagesize");
            long user = MemInfo.bytes(meminfo, "AnonPages") + MemInfo.bytes(meminfo, "Shmem");
            kept -= take("user pages", user + Math.max(huge, 0), parts);
        }
        return new DumpEstimate(Math.max(kept, 0), String.join(" - ", parts), total > 0);
    }

    private static long take(String name, long bytes, List<String> parts) {
        parts.add(name + " " + Text.bytes(bytes));
        return bytes;
    }
}
