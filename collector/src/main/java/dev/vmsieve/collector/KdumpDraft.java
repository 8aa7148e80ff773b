// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.KdumpWriter;
import dev.vmsieve.collector.output.OutputChannel;
import dev.vmsieve.collector.output.WriteCounts;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.vmcore.Vmcore;

/// A kdump file: where pages lie shows when they are compressed.
record KdumpDraft(KdumpHead head, DumpBitmaps bitmaps, boolean leavesOutZeroes) implements Draft {
    static KdumpDraft of(CollectPlan plan, Vmcore vmcore, FilterResult filtered, DumpIdentity identity)
            throws UnsupportedDumpException {
        KdumpHead head = KdumpHead.of(vmcore, identity, filtered.level().bits(), plan.compression());
        return new KdumpDraft(head, filtered.bitmaps(), filtered.level().zero());
    }

    @Override
    public DumpWriter newWriter(OutputChannel output, long pages, long limitBytes) {
        return new KdumpWriter(output, head.headers(), head.notes(), bitmaps, pages, limitBytes);
    }

    @Override
    public long zeroPages(WriteCounts written) {
        return leavesOutZeroes ? written.sharedPages() : 0;
    }
}
