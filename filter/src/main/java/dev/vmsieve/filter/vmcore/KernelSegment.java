// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

/// A piece of physical memory and the kernel address at which it is seen; all in bytes.
///
/// Pieces overlap where the kernel sees memory twice, as its own image on x86_64.
///
/// @param paddr where it starts in memory
/// @param vaddr where it starts in the kernel's address space; [#NO_ADDRESS] if nowhere
/// @param bytes how long it is
public record KernelSegment(long paddr, long vaddr, long bytes) {
    /// vaddr that says that the kernel does not see the memory.
    public static final long NO_ADDRESS = -1;

    /// The byte behind the last one, in memory.
    public long end() {
        return paddr + bytes;
    }

    /// Where a byte of memory that it covers, or the one behind it, is seen in the kernel's address space; [#NO_ADDRESS] if
    /// nowhere.
    public long vaddrOf(long paddr) {
        return vaddr == NO_ADDRESS ? NO_ADDRESS : vaddr + paddr - this.paddr;
    }
}
