// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.memmap;

import java.io.IOException;
import java.util.OptionalLong;

import dev.vmsieve.filter.arch.Architecture;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.paging.KernelMemory;
import dev.vmsieve.filter.progress.Progress;

/// Where the crashed kernel keeps the struct page of each pfn. Immutable, shared by all threads.
public sealed interface MemoryModel permits FlatMem, DiscontigMem, SparseMem, SparseVmemmap {
    /// A pfn that no struct page belongs to.
    long NO_PFN = -1;

    /// What is asked before a model can be found.
    ///
    /// @param info the kernel's VMCOREINFO
    /// @param architecture of the crashed machine
    /// @param pageBytes bytes in a page of it
    /// @param levels number of page table levels
    /// @param maxMapnr pfns, exclusive: no struct page beyond is looked for
    /// @param structPageBytes SIZE(page)
    record Query(Vmcoreinfo info, Architecture architecture, int pageBytes, int levels, long maxMapnr,
            long structPageBytes) {
        /// Address bits below the section number, where VMCOREINFO tells or by default.
        long sectionSizeBits() {
            return info.number("SECTION_SIZE_BITS").orElse(architecture.defaultSectionSizeBits());
        }

        /// Largest address + 1 as an exponent, where VMCOREINFO tells or by default.
        long maxPhysmemBits() {
            return info.number("MAX_PHYSMEM_BITS").orElse(architecture.defaultMaxPhysmemBits(levels));
        }

        MissingSymbolException missing(String key) {
            return new MissingSymbolException("[" + info.source() + "] VMCOREINFO: " + key + " is missing");
        }
    }

    /// Pfns from here on have no struct page.
    long endPfn();

    /// The run that the pfn lies in.
    MemRun run(long pfn);

    /// The pfn that a struct page belongs to; [#NO_PFN] if the address is not that of a struct page.
    long pfnOf(long structPage);

    /// Finds the model from the keys that VMCOREINFO has, in the order that tells models apart: a kernel with sparsemem
    /// exports mem_map as well, and one with node_mem_map has no other.
    ///
    /// @throws DumpException if no model can be told, or the one told cannot be read; the message names what is missing
    static MemoryModel find(Query query, KernelMemory memory, Progress progress) throws IOException {
        Vmcoreinfo info = query.info();
        if (DiscontigMem.isTold(info)) {
            return DiscontigMem.read(query, memory);
        }
        OptionalLong memSection = info.symbol("mem_section");
        if (memSection.isPresent() && info.size("mem_section").isPresent()
                && info.offset("mem_section", "section_mem_map").isPresent()) {
            return SparseMem.read(query, memSection.getAsLong(), memory, progress);
        }
        OptionalLong memMap = info.symbol("mem_map");
        if (memMap.isPresent()) {
            return FlatMem.read(query, memMap.getAsLong(), memory);
        }
        throw query.missing("SYMBOL(mem_section)");
    }
}
