// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

import java.util.OptionalInt;

import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.classify.PageKind;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.PageCounts;

/// The table of `--mem-usage`: makedumpfile's columns and rows, rows for what it counts and does not show, and how large
/// a dump of each useful level would be.
///
/// Each page is in exactly one row, so the rows add up to the total.
public final class UsagePrinter {
    private static final int NUMBER_COLUMNS = 16;

    private UsagePrinter() {}

    /// What there is to tell.
    ///
    /// @param counts pages by kind, zero pages included
    /// @param reservedPages pages reserved for the crash kernel, which are not among the counts
    /// @param level the level the counts are of: less than 31 where page structures were not understood
    /// @param inputLevel the level with which the input was filtered already: its pages are counted, not the machine's
    /// @param zstdLevel the level of zstd, if one was asked for
    /// @param fileBytes what a dump file of that level and compression takes
    public record Usage(PageCounts counts, long reservedPages, int pageBytes, DumpLevel level, int inputLevel,
            Compression compression, OptionalInt zstdLevel, long fileBytes) {
        private long pages(DumpLevel wanted) {
            long left = counts.existing() - counts.hwpoison() - counts.offline();
            left -= wanted.excludes(PageKind.ZERO) ? counts.zero() : 0;
            left -= wanted.excludes(PageKind.NON_PRIVATE_CACHE) ? counts.nonPrivateCache() : 0;
            left -= wanted.excludes(PageKind.PRIVATE_CACHE) ? counts.privateCache() : 0;
            left -= wanted.excludes(PageKind.USER) ? counts.user() : 0;
            return left - (wanted.excludes(PageKind.FREE) ? counts.free() : 0);
        }
    }

    /// Prints it, whatever the message level.
    public static void print(Console console, Usage usage) {
        PageCounts counts = usage.counts();
        long total = counts.existing() + usage.reservedPages();
        var text = new StringBuilder("\nTYPE\t\tPAGES\t\t\tEXCLUDABLE\tDESCRIPTION\n" + "-".repeat(70) + "\n");
        row(text, "ZERO\t\t", counts.zero(), "yes\t\tPages filled with zero");
        row(text, "NON_PRI_CACHE\t", counts.nonPrivateCache(), "yes\t\tCache pages without private flag");
        row(text, "PRI_CACHE\t", counts.privateCache(), "yes\t\tCache pages with private flag");
        row(text, "USER\t\t", counts.user(), "yes\t\tUser process pages");
        row(text, "FREE\t\t", counts.free(), "yes\t\tFree pages");
        row(text, "OFFLINE\t\t", counts.offline(), "always\t\tOffline and ballooned pages");
        row(text, "HWPOISON\t", counts.hwpoison(), "always\t\tPages with a memory error");
        row(text, "CRASHKERNEL\t", usage.reservedPages(), "always\t\tReserved for the crash kernel");
        row(text, "KERN_DATA\t", counts.remaining(), "no\t\tDumpable kernel data");
        row(text, "\npage size:\t\t", usage.pageBytes(), "");
        row(text, "Total pages on system:\t", total, "");
        text.append("Total size on system:\t")
                .append(Text.left(Long.toString(total * usage.pageBytes()), NUMBER_COLUMNS)).append(" Byte\n");
        if (usage.inputLevel() != 0) {
            text.append("\nThe input was filtered before, at dump level ").append(usage.inputLevel())
                    .append(": only the pages that it holds are counted.\n");
        }
        text.append("\nA dump made now would hold, before compression:\n");
        level(text, usage, 31, "", "kernel data only");
        level(text, usage, 23, "at most ", "kernel data and user process pages");
        level(text, usage, 17, "at most ", "all but free pages and those filled with zero");
        level(text, usage, 1, "at most ", "all but pages filled with zero");
        level(text, usage, 0, "", "everything");
        file(text, usage);
        console.page(text.toString());
    }

    private static void row(StringBuilder text, String name, long number, String rest) {
        text.append(name).append(Text.left(Long.toString(number), NUMBER_COLUMNS)).append(rest.isEmpty() ? "" : "\t")
                .append(rest).append('\n');
    }

    private static void level(StringBuilder text, Usage usage, int bits, String bound, String what) {
        DumpLevel level = DumpLevel.of(bits);
        long pages = usage.pages(level);
        text.append("  ").append(Text.left("-d " + bits, 6)).append(Text.right(bound, 8))
                .append(Text.right(Text.bytes(pages * usage.pageBytes()), 12)).append("  ").append(what)
                .append('\n');
    }

    private static void file(StringBuilder text, Usage usage) {
        String option = switch (usage.compression()) {
            case NONE -> "";
            case ZLIB -> "-c ";
            case LZO -> "-l ";
            case SNAPPY -> "-p ";
            case ZSTD -> usage.zstdLevel().isPresent()
                    ? "-z --zstd-level=" + usage.zstdLevel().getAsInt() + " "
                    : "-z ";
        };
        text.append("The file at ").append(option).append("-d ").append(usage.level().bits()).append(" would have ")
                .append(Text.bytes(usage.fileBytes())).append(" (").append(usage.fileBytes()).append(" bytes).\n");
        if (option.isEmpty()) {
            text.append("With -c, -l, -p or -z beside --mem-usage it is told compressed.\n");
        }
    }
}
