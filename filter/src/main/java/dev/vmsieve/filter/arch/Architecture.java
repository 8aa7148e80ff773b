// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.arch;

import java.nio.ByteOrder;
import java.util.Optional;

/// What is fixed by the crashed machine's architecture, whatever machine the dump is read on.
///
/// An instance has no state; addresses are 64-bit and unsigned.
public sealed interface Architecture permits X86_64 {
    /// The architecture with that e_machine, if it is known.
    static Optional<Architecture> of(int machine) {
        Architecture x86 = new X86_64();
        return machine == x86.machine() ? Optional.of(x86) : Optional.empty();
    }

    /// The kernel's name of the machine, as in utsname.
    String name();

    /// e_machine of its dumps.
    int machine();

    /// Bytes in a pointer and in an unsigned long.
    int wordBytes();

    /// Byte order of memory.
    ByteOrder byteOrder();

    /// Bytes in a page where VMCOREINFO does not say.
    int defaultPageBytes();

    /// SECTION_SIZE_BITS where VMCOREINFO does not say.
    int defaultSectionSizeBits();

    /// MAX_PHYSMEM_BITS where VMCOREINFO does not say, by number of page table levels.
    int defaultMaxPhysmemBits(int levels);

    /// Virtual address at which the kernel image is linked: paddr = kvaddr - this + phys_base, for the image alone.
    long imageBase();

    /// Bytes from [#imageBase] on in which the kernel image lies.
    long imageBytes();

    /// The levels a page table may have, the likelier first.
    int[] levelCounts();

    /// The levels of a page table of that many, top first.
    Level[] levels(int count);

    /// Lowest address bit that selects an entry of a level with that many levels below it: an entry covers 2^shift
    /// bytes.
    int shift(int levelsBelow);

    /// Entries in one table.
    int entriesPerTable();

    /// True if an address of that many levels has the form that the processor demands.
    boolean isCanonical(long kvaddr, int levels);

    /// True if the entry maps something.
    boolean isPresent(long entry);

    /// True if the entry of that level maps memory itself instead of naming a table.
    boolean isLeaf(Level level, long entry);

    /// Bits of an entry that hold a physical address, before what a memory encryption mask takes away.
    long addressMask();
}
