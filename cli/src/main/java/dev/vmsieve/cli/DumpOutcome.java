// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import dev.vmsieve.collector.CollectReport;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.progress.PageCounts;

/// What a run that went to its end has to tell.
///
/// @param level the dump level in effect
/// @param counts pages by kind, zero pages included
/// @param written what the collector did, or would do
/// @param saving what the dump file saves
/// @param leftAlone nothing was written, since that is too little
record DumpOutcome(DumpLevel level, PageCounts counts, CollectReport written, Saving saving, boolean leftAlone) {
    /// The same, with nothing written.
    DumpOutcome nothingWritten() {
        return new DumpOutcome(level, counts, written, saving, true);
    }
}
