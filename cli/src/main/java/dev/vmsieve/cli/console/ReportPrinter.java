// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

import java.util.OptionalLong;

import dev.vmsieve.filter.progress.PageCounts;
import dev.vmsieve.filter.progress.WorkTimes;

/// The report of a run (message level bit 16): pages by kind, in the form makedumpfile's users know.
///
/// Unlike makedumpfile's, every page counts once, also where segments overlap, and "Write bytes" is what the output
/// file got.
public final class ReportPrinter {
    private static final int STEP_COLUMNS = 27;

    private ReportPrinter() {}

    /// How long a step took.
    static String step(String name, long nanos) {
        return "STEP [" + Text.left(name, STEP_COLUMNS) + "] : " + nanos / 1_000_000_000 + "."
                + Text.digits(nanos / 1000 % 1_000_000, 6) + " seconds";
    }

    private static String seconds(long nanos) {
        return nanos / 1_000_000_000 + "." + Text.digits(nanos / 1_000_000 % 1000, 3);
    }

    /// Prints the counts of a finished run.
    ///
    /// @param inElf pages that an ELF dump holds, which has short runs of pages left out too; empty for other dumps
    /// @param writtenBytes bytes of the output file
    /// @param times what the threads that copied spent theirs with
    public static void print(Console console, PageCounts counts, OptionalLong inElf, long writtenBytes,
            WorkTimes times) {
        if (!console.shows(MessageLevel.REPORT)) {
            return;
        }
        console.report("");
        console.report("Original pages  : " + Text.hex16(counts.existing()));
        console.report("  Excluded pages   : " + Text.hex16(counts.excluded()));
        if (inElf.isPresent()) {
            console.report("     in ELF format : " + Text.hex16(counts.existing() - inElf.getAsLong()));
        }
        console.report("    Pages filled with zero  : " + Text.hex16(counts.zero()));
        console.report("    Non-private cache pages : " + Text.hex16(counts.nonPrivateCache()));
        console.report("    Private cache pages     : " + Text.hex16(counts.privateCache()));
        console.report("    User process data pages : " + Text.hex16(counts.user()));
        console.report("    Free pages              : " + Text.hex16(counts.free()));
        console.report("    Hwpoison pages          : " + Text.hex16(counts.hwpoison()));
        console.report("    Offline pages           : " + Text.hex16(counts.offline()));
        if (counts.leftOutBefore() > 0) {
            console.report("    Left out before, with -e: " + Text.hex16(counts.leftOutBefore()));
        }
        console.report("  Remaining pages  : " + Text.hex16(counts.remaining()));
        if (inElf.isPresent()) {
            console.report("     in ELF format : " + Text.hex16(inElf.getAsLong()));
        }
        console.report("  (The number of pages is reduced to " + percent(counts) + "%.)");
        console.report("Memory Hole     : " + Text.hex16(counts.holes()));
        console.report("--------------------------------------------------");
        console.report("Total pages     : " + Text.hex16(counts.maxMapnr()));
        console.report("Write bytes     : " + writtenBytes);
        console.report("Threads' seconds: reading " + seconds(times.readNanos()) + ", compressing "
                + seconds(times.compressNanos()) + ", writing " + seconds(times.writeNanos()) + ", waiting "
                + seconds(times.waitNanos()));
        console.report("");
    }

    private static long percent(PageCounts counts) {
        return counts.existing() == 0 ? 100 : counts.remaining() * 100 / counts.existing();
    }
}
