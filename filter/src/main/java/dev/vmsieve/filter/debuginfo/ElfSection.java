// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

/// One section of an ELF file (System V ABI, chapter 4, "Sections").
///
/// @param name empty if it has none
/// @param type sh_type
/// @param flags sh_flags
/// @param address sh_addr, where it lies in memory
/// @param offset sh_offset, where it lies in the file
/// @param bytes sh_size; what it takes in the file, and in memory if it is not compressed
/// @param link sh_link, the index of the section that goes with it
record ElfSection(String name, int type, long flags, long address, long offset, long bytes, int link) {
    /// sh_type of a symbol table.
    static final int SYMTAB = 2;
    /// sh_type of what takes no place in the file.
    static final int NOBITS = 8;
    /// Bit of sh_flags: a compression header and packed bytes.
    static final long COMPRESSED = 0x800;

    /// True if the file holds the section's bytes.
    boolean isInFile() {
        return type != NOBITS && bytes > 0;
    }

    /// True if its bytes are packed, in either of the two ways there are.
    boolean isPacked() {
        return (flags & COMPRESSED) != 0 || name.startsWith(".zdebug_");
    }
}
