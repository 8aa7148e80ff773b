// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import java.io.IOException;
import java.util.List;

import dev.vmsieve.filter.bitmap.ScatteredPages;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.kernel.KernelLayout;
import dev.vmsieve.filter.kernel.StructPage;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.kernel.ZoneLayout;
import dev.vmsieve.filter.memmap.MemoryModel;
import dev.vmsieve.filter.memmap.Nodes;
import dev.vmsieve.filter.paging.KernelMemory;
import dev.vmsieve.filter.progress.Progress;

/// The buddy allocator's free lists and counters: the only way to free pages in kernels that do not mark them (before
/// 3.9), and a check in others.
public final class FreePages {
    private static final int MOST_ZONES = 64;

    private final Vmcoreinfo info;
    private final KernelLayout layout;
    private final ZoneLayout zones;
    private final KernelMemory memory;
    private final Progress progress;

    /// @param memory used by this thread only
    public FreePages(Vmcoreinfo info, KernelLayout layout, ZoneLayout zones, KernelMemory memory, Progress progress) {
        this.info = info;
        this.layout = layout;
        this.zones = zones;
        this.memory = memory;
        this.progress = progress;
    }

    /// Number of free pages that the kernel counted; -1 if it does not tell. A little off on a running machine, since
    /// each CPU adds up its own share first.
    public long counted() throws IOException {
        List<Long> pgdats = zones.freeCount() < 0 ? List.of() : pgdats();
        if (pgdats.isEmpty()) {
            return -1;
        }
        long sum = 0;
        for (long pgdat : pgdats) {
            int count = zoneCount(pgdat);
            for (int i = 0; i < count; i++) {
                sum += Math.max(0, memory.word(zone(pgdat, i) + zones.freeCount()));
            }
        }
        return sum;
    }

    /// Walks all free lists and sets the bit of each page in them. A list that is broken is left where it breaks, with
    /// a warning; what it named until then stays set.
    public void walk(MemoryModel model, ScatteredPages listed) throws IOException {
        FreeBlocks blocks = new FreeBlocks(listed);
        try {
            walk(model, blocks);
        } finally {
            blocks.lay();
        }
    }

    private void walk(MemoryModel model, FreeBlocks listed) throws IOException {
        if (layout.page().lru() == StructPage.ABSENT) {
            progress.warning("[" + info.source() + "] VMCOREINFO: OFFSET(page.lru) is missing; free pages are kept");
            return;
        }
        List<Long> pgdats = pgdats();
        if (pgdats.isEmpty()) {
            progress.warning("[" + info.source() + "] VMCOREINFO: no memory node is told (SYMBOL(node_data));"
                    + " free pages are kept");
        }
        for (long pgdat : pgdats) {
            int count = zoneCount(pgdat);
            for (int i = 0; i < count; i++) {
                long zone = zone(pgdat, i);
                if (memory.word(zone + zones.spannedPages()) != 0) {
                    walkZone(zone, model, listed);
                }
            }
        }
    }

    private void walkZone(long zone, MemoryModel model, FreeBlocks listed) throws IOException {
        for (int order = 0; order < layout.buddyOrders(); order++) {
            long area = zone + zones.freeArea() + order * zones.freeAreaBytes() + zones.freeList();
            for (int type = 0; type < zones.listTypes(); type++) {
                walkList(area + type * zones.listBytes(), order, model, listed);
            }
        }
    }

    private void walkList(long head, int order, MemoryModel model, FreeBlocks listed) throws IOException {
        long previous = head;
        long steps = 0;
        try {
            for (long node = memory.word(head + zones.listNext()); node != head; node = memory.word(
                    node + zones.listNext())) {
                long pfn = model.pfnOf(node - layout.page().lru());
                if (!fits(pfn, order, listed.size())) {
                    broken(head, order, "entry 0x" + Long.toHexString(node) + " is no free page of that order");
                    return;
                }
                if (memory.word(node + zones.listPrev()) != previous) {
                    broken(head, order, "entry 0x" + Long.toHexString(node) + " does not point back");
                    return;
                }
                if (steps++ > listed.size() >>> order) {
                    broken(head, order, "it does not end");
                    return;
                }
                listed.add(pfn, order);
                previous = node;
            }
        } catch (CorruptDumpException unreadable) {
            broken(head, order, "entry after 0x" + Long.toHexString(previous) + " cannot be read");
        }
    }

    private static boolean fits(long pfn, int order, long maxMapnr) {
        return pfn != MemoryModel.NO_PFN && (pfn & ((1L << order) - 1)) == 0 && pfn + (1L << order) <= maxMapnr;
    }

    private void broken(long head, int order, String why) {
        progress.warning("[" + info.source() + "] free list of order " + order + " at 0x" + Long.toHexString(head)
                + ": " + why + "; the rest of the list is kept");
    }

    private List<Long> pgdats() throws IOException {
        return Nodes.pgdats(info, layout.wordBytes(), memory);
    }

    private int zoneCount(long pgdat) throws IOException {
        return Math.clamp(memory.u32(pgdat + zones.zoneCount()), 0, MOST_ZONES);
    }

    private long zone(long pgdat, int index) {
        return pgdat + zones.nodeZones() + index * zones.zoneBytes();
    }
}
