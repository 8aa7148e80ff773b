// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.memmap;

/// SPARSEMEM with VMEMMAP, where the kernel tells the array's address: one virtual array of struct pages, of which the
/// pieces exist whose section has memory.
///
/// The address is worth more than what the section entries say: they carry flags in their low bits, more with each
/// kernel.
///
/// @param sections which sections have a mem_map
/// @param base address of the struct page of pfn 0
public record SparseVmemmap(SparseMem sections, long base) implements MemoryModel {
    @Override
    public long endPfn() {
        return sections.endPfn();
    }

    @Override
    public MemRun run(long pfn) {
        MemRun run = sections.run(pfn);
        return run.mapped() ? new MemRun(run.start(), run.end(), base, true, run.online()) : run;
    }

    @Override
    public long pfnOf(long structPage) {
        long bytes = structPage - base;
        long size = sections.structPageBytes();
        if (bytes < 0 || bytes % size != 0) {
            return NO_PFN;
        }
        long pfn = bytes / size;
        return pfn < endPfn() && sections.run(pfn).mapped() ? pfn : NO_PFN;
    }
}
