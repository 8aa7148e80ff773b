// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.filter.format.elf.ProgramHeader;

/// Physical addresses for the segments of a /proc/kcore that states none: before Linux commit 464920104bf7 (in v4.11)
/// every p_paddr is 0.
///
/// The kernel's map of all physical memory starts at a multiple of 1 GiB (arch/x86/mm/kaslr.c: PUD_SIZE), and machines
/// have memory in their first GiB, so the lowest address rounded down is that of physical address 0. Above that map comes
/// the area of vmalloc, tens of terabytes as one segment; struct pages, modules and the text a second time follow it.
/// Whether that was right shows when the page table proves itself.
final class DirectMap {
    /// No memory is that large in one piece, no vmalloc area is smaller.
    private static final long VMALLOC_BYTES = 1L << 44;
    private static final long ALIGNMENT = 1L << 30;
    /// Where the kernel's text begins at the earliest.
    private static final long TEXT_BASE = 0xffff_ffff_8000_0000L;

    private DirectMap() {}

    /// True for a segment of the kernel that states physical address 0: two of these cannot both be right.
    static boolean lacksAddress(ProgramHeader load) {
        return load.paddr() == 0 && load.vaddr() < 0;
    }

    /// The segments of physical memory among those of the kernel, in the same order; empty if there is none.
    static List<Segment> place(List<ProgramHeader> loads) {
        long end = TEXT_BASE;
        long first = -1;
        for (ProgramHeader load : loads) {
            if (load.memsz() >= VMALLOC_BYTES && Long.compareUnsigned(load.vaddr(), end) < 0) {
                end = load.vaddr();
            }
            if (Long.compareUnsigned(load.vaddr(), first) < 0) {
                first = load.vaddr();
            }
        }
        List<Segment> placed = new ArrayList<>();
        for (ProgramHeader load : loads) {
            if (Long.compareUnsigned(load.vaddr(), end) < 0) {
                placed.add(new Segment(load.vaddr() - (first & -ALIGNMENT), load.memsz(), load.filesz(),
                        load.offset()));
            }
        }
        return placed;
    }
}
