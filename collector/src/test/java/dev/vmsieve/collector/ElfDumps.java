// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.identity;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.KernelSegment;

/// ELF dumps of a vmcore whose segments overlap and end within pages.
final class ElfDumps {
    static final int PAGE = FakeVmcore.PAGE_BYTES;
    static final int PFNS = 3000;
    static final long MAP = 0xffff_8880_0000_0000L;
    private static final long TEXT = 0xffff_ffff_8100_0000L;

    private ElfDumps() {}

    /// Memory from page 1 on, in two pieces that end within pages, and the kernel's image in the second for a second time.
    static FakeVmcore vmcore() {
        return vmcore(pfn -> {});
    }

    static FakeVmcore vmcore(FakeVmcore.OnRead onRead) {
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, onRead);
        vmcore.segments = List.of(new KernelSegment(1000 * PAGE, TEXT, 700 * PAGE),
                new KernelSegment(PAGE, MAP + PAGE, 158 * PAGE + 0xc00),
                new KernelSegment(200 * PAGE, MAP + 200 * PAGE, 2800 * PAGE - 0x400));
        return vmcore;
    }

    /// Every page of the segments, without runs of 300 and single pages here and there.
    static FilterResult filtered(int level) {
        PageBitmap existing = new PageBitmap(PFNS);
        existing.setRange(1, 160);
        existing.setRange(200, PFNS);
        PageBitmap dumpable = PageBitmap.copyOf(existing);
        for (int pfn = 0; pfn < PFNS; pfn += 700) {
            dumpable.clearRange(pfn, pfn + 300);
            dumpable.clear(pfn + 500);
        }
        return FakeVmcore.result(new DumpBitmaps(existing, dumpable, new PageBitmap(PFNS)), level);
    }

    static CollectReport collect(FakeVmcore vmcore, Path file, int level, int threads) throws IOException {
        return Collector.collect(CollectPlan.elf(file).withThreads(threads), vmcore, filtered(level),
                identity(vmcore), Progress.NONE);
    }

    /// Two pieces end within a page.
    static byte[] expected(long pfn) {
        byte[] page = FakeVmcore.page(pfn).clone();
        Arrays.fill(page, pfn == 159 || pfn == PFNS - 1 ? 0xc00 : PAGE, PAGE, (byte) 0);
        return page;
    }

    static byte[] flattened(FakeVmcore vmcore, int level, int threads) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        Collector.flatten(CollectPlan.elf(Path.of("stream")).withThreads(threads).withBatchPages(16),
                Channels.newChannel(stream), vmcore, filtered(level), identity(vmcore), Progress.NONE);
        return stream.toByteArray();
    }
}
