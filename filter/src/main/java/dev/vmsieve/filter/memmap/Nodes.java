// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.memmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.paging.KernelMemory;

/// The crashed kernel's NUMA nodes.
public final class Nodes {
    private static final int MOST_NODES = 4096;

    private Nodes() {}

    /// Addresses of the pglist_data of each online node; empty if VMCOREINFO does not tell.
    public static List<Long> pgdats(Vmcoreinfo info, int wordBytes, KernelMemory memory) throws IOException {
        List<Long> pgdats = new ArrayList<>();
        for (int node : online(info, memory)) {
            long pgdat = pgdat(info, node, wordBytes, memory);
            if (pgdat != 0) {
                pgdats.add(pgdat);
            }
        }
        return pgdats;
    }

    private static List<Integer> online(Vmcoreinfo info, KernelMemory memory) throws IOException {
        long bytes = Math.min(info.size("nodemask_t").orElse(0), MOST_NODES / Byte.SIZE);
        OptionalLong map = info.symbol("node_online_map");
        OptionalLong states = info.symbol("node_states");
        OptionalLong state = info.number("N_ONLINE");
        long address;
        if (bytes > 0 && map.isPresent()) {
            address = map.getAsLong();
        } else if (bytes > 0 && states.isPresent() && state.isPresent()) {
            address = states.getAsLong() + bytes * state.getAsLong();
        } else {
            return List.of(0);
        }
        List<Integer> nodes = new ArrayList<>();
        for (int at = 0; at + Long.BYTES <= Math.max(bytes, Long.BYTES); at += Long.BYTES) {
            long word = memory.u64(address + at);
            for (int bit = 0; bit < Long.SIZE; bit++) {
                if ((word >>> bit & 1) != 0) {
                    nodes.add(at * Byte.SIZE + bit);
                }
            }
        }
        return nodes;
    }

    private static long pgdat(Vmcoreinfo info, int node, int wordBytes, KernelMemory memory) throws IOException {
        OptionalLong nodeData = info.symbol("node_data");
        if (nodeData.isPresent()) {
            // makedumpfile -g writes an error marker for the length, which counts as absent.
            return node < info.length("node_data").orElse(MOST_NODES)
                    ? memory.word(nodeData.getAsLong() + (long) node * wordBytes)
                    : 0;
        }
        OptionalLong list = info.symbol("pgdat_list");
        if (list.isPresent() && info.length("pgdat_list").isPresent()) {
            return memory.word(list.getAsLong() + (long) node * wordBytes);
        }
        OptionalLong next = info.offset("pglist_data", "pgdat_next");
        if (list.isPresent() && next.isPresent()) {
            long pgdat = memory.word(list.getAsLong());
            for (int i = 0; i < node && pgdat != 0; i++) {
                pgdat = memory.word(pgdat + next.getAsLong());
            }
            return pgdat;
        }
        OptionalLong only = info.symbol("contig_page_data");
        return node == 0 && only.isPresent() ? only.getAsLong() : 0;
    }
}
