// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.ElfLayout;
import dev.vmsieve.collector.output.ElfWriter;
import dev.vmsieve.collector.output.OutputChannel;
import dev.vmsieve.collector.output.WriteCounts;
import dev.vmsieve.collector.pipeline.ZeroScan;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.format.elf.ElfHeader;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.filter.vmcore.Vmcore;

/// An ELF file: its headers say which pages are left out, so pages of zeroes are looked for first, where the dump level
/// leaves them out.
record ElfDraft(ElfLayout layout, ByteBuffer notes, DumpBitmaps bitmaps, long zeroes, int pageBytes)
        implements
            Draft {
    static ElfDraft of(CollectPlan plan, Vmcore vmcore, FilterResult filtered, DumpIdentity identity,
            Progress progress) throws IOException {
        List<KernelSegment> segments = vmcore.segments().isEmpty() ? identity.segments() : vmcore.segments();
        if (segments.isEmpty()) {
            throw new UnsupportedDumpException("[" + vmcore.name() + "] an ELF file (-E) of a kdump file needs the"
                    + " kernel's addresses of memory, which its page table does not tell");
        }
        DumpBitmaps bitmaps = filtered.bitmaps();
        PageBitmap kept = PageBitmap.copyOf(bitmaps.dumpable());
        long zeroes = filtered.level().zero() ? leaveOutZeroes(plan, vmcore, bitmaps, kept, progress) : 0;
        ByteBuffer notes = DumpNotes.of(vmcore, identity);
        ElfLayout layout = ElfLayout.of(new ElfLayout.Machine(vmcore.machine(), vmcore.byteOrder(),
                vmcore.headerWordBytes(), vmcore.pageBytes()), vmcore.incomplete() ? ElfHeader.INCOMPLETE : 0,
                segments, kept, notes.remaining());
        return new ElfDraft(layout, notes, new DumpBitmaps(bitmaps.existing(), kept, bitmaps.unreadable()), zeroes,
                vmcore.pageBytes());
    }

    private static long leaveOutZeroes(CollectPlan plan, Vmcore vmcore, DumpBitmaps bitmaps, PageBitmap kept,
            Progress progress) throws IOException {
        long pages = kept.cardinality();
        progress.begin(Stage.ZERO_PAGES, pages);
        ZeroScan.run(plan, vmcore, kept, bitmaps.unreadable(), progress);
        if (plan.cancellation().requested()) {
            throw new IncompleteDumpException("[" + plan.dumpFile() + "] stopped on request: 0 of " + pages
                    + " pages were written; no dump file was made", null, IncompleteDumpException.Reason.CANCELLED, 0,
                    pages);
        }
        progress.end(Stage.ZERO_PAGES);
        return pages - kept.cardinality();
    }

    @Override
    public DumpWriter newWriter(OutputChannel output, long pages, long limitBytes) {
        return new ElfWriter(output, layout, notes, bitmaps.dumpable(), pageBytes, limitBytes);
    }

    @Override
    public long zeroPages(WriteCounts written) {
        return zeroes;
    }
}
