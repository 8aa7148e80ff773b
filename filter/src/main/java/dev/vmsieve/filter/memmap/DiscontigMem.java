// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.memmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.paging.KernelMemory;

/// DISCONTIGMEM: an array of struct pages for each node (removed in 5.14).
///
/// @param nodes runs with a mem_map, sorted by pfn, none overlapping
/// @param structPageBytes SIZE(page)
public record DiscontigMem(List<MemRun> nodes, long structPageBytes) implements MemoryModel {
    /// The list is copied.
    public DiscontigMem {
        nodes = List.copyOf(nodes);
    }

    /// node_mem_map is exported only by kernels with a mem_map for each node.
    static boolean isTold(Vmcoreinfo info) {
        boolean map = info.size("pglist_data").isPresent() && info.offset("pglist_data", "node_mem_map").isPresent()
                && info.offset("pglist_data", "node_start_pfn").isPresent()
                && info.offset("pglist_data", "node_spanned_pages").isPresent();
        boolean array = info.symbol("node_data").isPresent() && info.length("node_data").isPresent();
        boolean list = info.offset("pglist_data", "pgdat_next").isPresent() || info.length("pgdat_list").isPresent();
        return map && (array || (info.symbol("pgdat_list").isPresent() && list));
    }

    static DiscontigMem read(Query query, KernelMemory memory) throws IOException {
        Vmcoreinfo info = query.info();
        List<MemRun> nodes = new ArrayList<>();
        for (long pgdat : Nodes.pgdats(info, query.architecture().wordBytes(), memory)) {
            long start = memory.word(pgdat + info.offset("pglist_data", "node_start_pfn").orElseThrow());
            long spanned = memory.word(pgdat + info.offset("pglist_data", "node_spanned_pages").orElseThrow());
            long base = memory.word(pgdat + info.offset("pglist_data", "node_mem_map").orElseThrow());
            long end = start >= 0 && spanned >= 0 ? Math.min(start + spanned, query.maxMapnr()) : -1;
            if (end > start && base != 0) {
                nodes.add(MemRun.of(start, end, base - start * query.structPageBytes()));
            }
        }
        nodes.sort(Comparator.comparingLong(MemRun::start));
        for (int i = 1; i < nodes.size(); i++) {
            if (nodes.get(i).start() < nodes.get(i - 1).end()) {
                throw new CorruptDumpException("[" + info.source() + "] pglist_data: nodes must not overlap but pfn 0x"
                        + Long.toHexString(nodes.get(i).start()) + " is in two");
            }
        }
        if (nodes.isEmpty()) {
            throw new CorruptDumpException("[" + info.source() + "] pglist_data: no node has a mem_map");
        }
        return new DiscontigMem(nodes, query.structPageBytes());
    }

    @Override
    public long endPfn() {
        return nodes.getLast().end();
    }

    @Override
    public MemRun run(long pfn) {
        long start = 0;
        for (MemRun node : nodes) {
            if (pfn < node.start()) {
                return MemRun.none(start, node.start());
            }
            if (pfn < node.end()) {
                return node;
            }
            start = node.end();
        }
        return MemRun.none(start, Long.MAX_VALUE);
    }

    @Override
    public long pfnOf(long structPage) {
        for (MemRun node : nodes) {
            long bytes = structPage - node.origin();
            long pfn = bytes / structPageBytes;
            if (bytes >= 0 && bytes % structPageBytes == 0 && pfn >= node.start() && pfn < node.end()) {
                return pfn;
            }
        }
        return NO_PFN;
    }
}
