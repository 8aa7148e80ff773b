// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;

/// The one door of the collector: writes the kept pages of a vmcore to a dump file.
public final class Collector {
    private Collector() {}

    /// Writes the dump file.
    ///
    /// The file is marked incomplete until its last byte is on the disk. The calling thread waits; an interrupt of it
    /// is taken for a request of the plan's cancellation.
    ///
    /// @throws IncompleteDumpException if a file was left that lacks pages, whatever the reason
    /// @throws IOException if no file was made; one that was there is as it was
    public static CollectReport collect(CollectPlan plan, Vmcore vmcore, FilterResult filtered, DumpIdentity identity,
            Progress progress) throws IOException {
        if (!plan.dryRun()) {
            throw new IOException("[" + plan.dumpFile() + "] writing is yet to come");
        }
        return new CollectReport(0, 0, 0, 0, 0, 0, 0, 0);
    }
}
