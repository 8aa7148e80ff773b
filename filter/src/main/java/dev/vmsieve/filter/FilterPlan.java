// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.filter.classify.DumpLevel;

/// How to filter.
///
/// @param level what to leave out
/// @param threads how many threads look at struct pages, at least 1; the result is the same for each number
/// @param unitPages pfns that one thread scans in one go, a multiple of 512; the result is the same for each number
/// @param workDirectory where bitmaps lie that are more than a few MB; they stay in memory without one
/// @param heldOnly whether pages that the input left out before count as not existing: for who counts what it holds
public record FilterPlan(DumpLevel level, int threads, long unitPages, Optional<Path> workDirectory,
        boolean heldOnly) {
    /// Pfns a unit of work has if nothing else is asked for: 256 MiB of memory with 4 KiB pages, 4 MiB of struct pages.
    public static final long DEFAULT_UNIT_PAGES = 1 << 16;

    /// Rejects what cannot be done.
    public FilterPlan {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1 but was " + threads);
        }
        if (unitPages < 512 || unitPages % 512 != 0) {
            throw new IllegalArgumentException("unitPages must be a multiple of 512 but was " + unitPages);
        }
    }

    /// A plan with bitmaps in memory.
    public FilterPlan(DumpLevel level, int threads, long unitPages) {
        this(level, threads, unitPages, Optional.empty(), false);
    }

    /// Filters by the level with this many threads.
    public static FilterPlan of(DumpLevel level, int threads) {
        return new FilterPlan(level, threads, DEFAULT_UNIT_PAGES);
    }

    /// The same with bitmaps in a file without a name, in that directory.
    public FilterPlan withWorkDirectory(Path directory) {
        return new FilterPlan(level, threads, unitPages, Optional.of(directory), heldOnly);
    }

    /// The same, of the pages that the input holds.
    public FilterPlan withHeldOnly() {
        return new FilterPlan(level, threads, unitPages, workDirectory, true);
    }
}
