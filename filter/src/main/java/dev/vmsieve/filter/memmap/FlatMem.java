// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.memmap;

import java.io.IOException;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.paging.KernelMemory;

/// FLATMEM: one array of struct pages for all of memory.
///
/// @param base address of its first element, which is that of pfn 0
/// @param endPfn pfns, exclusive
/// @param structPageBytes SIZE(page)
public record FlatMem(long base, long endPfn, long structPageBytes) implements MemoryModel {
    static FlatMem read(Query query, long memMapSymbol, KernelMemory memory) throws IOException {
        long base = memory.word(memMapSymbol);
        if (base == 0) {
            throw new CorruptDumpException("[" + query.info().source() + "] mem_map: must not be 0 (address 0x"
                    + Long.toHexString(memMapSymbol) + ")");
        }
        return new FlatMem(base, query.maxMapnr(), query.structPageBytes());
    }

    @Override
    public MemRun run(long pfn) {
        return pfn < endPfn ? MemRun.of(0, endPfn, base) : MemRun.none(endPfn, Long.MAX_VALUE);
    }

    @Override
    public long pfnOf(long structPage) {
        long bytes = structPage - base;
        return bytes >= 0 && bytes % structPageBytes == 0 && bytes / structPageBytes < endPfn
                ? bytes / structPageBytes
                : NO_PFN;
    }
}
