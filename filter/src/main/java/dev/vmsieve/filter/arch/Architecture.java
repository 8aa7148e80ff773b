// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.arch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import dev.vmsieve.filter.format.elf.ElfMachine;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// What is fixed by the crashed machine's architecture, whatever machine the dump is read on, and how its VMCOREINFO
/// tells the rest.
///
/// The kernel's image is mapped linearly: physical address = address - image offset. All other addresses are walked. An
/// instance has no state; addresses are 64-bit and unsigned.
public sealed interface Architecture permits X86_64, Arm64, Riscv64 {
    /// The architecture with that e_machine, if it is known.
    static Optional<Architecture> of(int machine) {
        Optional<ElfMachine> known = ElfMachine.of(machine);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        return switch (known.get()) {
            case X86_64 -> Optional.of(new X86_64());
            case AARCH64 -> Optional.of(new Arm64());
            case RISCV64 -> Optional.of(new Riscv64());
            case I386, ARM -> Optional.empty();
        };
    }

    /// What its dumps name it by, and what that implies.
    ElfMachine machine();

    /// The kernel's name of the machine, as in utsname.
    default String name() {
        return machine().label();
    }

    /// Bytes in a pointer and in an unsigned long.
    default int wordBytes() {
        return machine().wordBytes();
    }

    /// Byte order of memory.
    default ByteOrder byteOrder() {
        return machine().byteOrder();
    }

    /// Bytes in a page where VMCOREINFO does not say.
    default int defaultPageBytes() {
        return machine().pageBytes(0);
    }

    /// SECTION_SIZE_BITS where VMCOREINFO does not say.
    int defaultSectionSizeBits();

    /// MAX_PHYSMEM_BITS where VMCOREINFO does not say, by number of page table levels.
    int defaultMaxPhysmemBits(int levels);

    /// Symbols of the kernel's top page table, the likelier first.
    List<String> rootSymbols();

    /// The page table formats that the kernel may have, the likelier first. The proof decides.
    List<TableFormat> tableFormats(Vmcoreinfo info, int pageBytes);

    /// What the image offset may be, the likelier first. The proof decides.
    ///
    /// @param textPhysBase physical address at which an image linked at [#imageBase] would start, as the dump's text segment
    ///        or its header tells
    List<Long> imageOffsets(Vmcoreinfo info, Optional<Long> textPhysBase);

    /// The lowest address that a symbol of the image may have.
    long imageBase();

    /// Bytes from [#imageBase] on in which the image lies wherever KASLR moves it; 0 if it may lie anywhere.
    long imageBytes();

    /// phys_base in the sub header of a kdump file, which has another meaning on each architecture (`formats.md`, sub header).
    long physBase(Vmcoreinfo info, long imageOffset);

    /// Where physical address 0 is, or would be, in the direct map, if VMCOREINFO tells; else the direct map is the lowest
    /// thing mapped.
    default OptionalLong directMap(Vmcoreinfo info) {
        return OptionalLong.empty();
    }

    /// Physical address of the top page table by a note with the processor's registers, if it is one.
    default OptionalLong rootOf(ElfNote note, ByteBuffer notes) {
        return OptionalLong.empty();
    }
}
