// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.OutputChannel;
import dev.vmsieve.collector.output.WriteCounts;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;

/// A dump in one of the formats, laid out as far as that can be before there is an output.
sealed interface Draft permits KdumpDraft, ElfDraft {
    /// The draft that the plan asks for.
    ///
    /// @throws IncompleteDumpException if the plan's cancellation was requested meanwhile
    static Draft of(CollectPlan plan, Vmcore vmcore, FilterResult filtered, DumpIdentity identity, Progress progress)
            throws IOException {
        return switch (plan.format()) {
            case KDUMP -> KdumpDraft.of(plan, vmcore, filtered, identity);
            case ELF -> ElfDraft.of(plan, vmcore, filtered, identity, progress);
        };
    }

    /// The pages to be written are the 2nd bitmap.
    DumpBitmaps bitmaps();

    /// The writer to that output.
    ///
    /// @param pages number of bits in the 2nd bitmap
    DumpWriter newWriter(OutputChannel output, long pages, long limitBytes);

    /// Pages that were found to be filled with zeroes, where the dump level leaves those out.
    long zeroPages(WriteCounts written);
}
