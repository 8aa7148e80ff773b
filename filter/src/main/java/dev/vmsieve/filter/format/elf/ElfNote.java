// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.elf;

/// One note, as a place in the notes area.
///
/// @param name without the NUL; empty if the note has none
/// @param type n_type
/// @param descOffset where the description starts, in bytes from the start of the area
/// @param descBytes its length, without padding
public record ElfNote(String name, int type, int descOffset, int descBytes) {
    /// Name of the notes with one CPU's registers each.
    public static final String CORE = "CORE";
    /// Type of those.
    public static final int NT_PRSTATUS = 1;
    /// Name of the note with the kernel's text.
    public static final String VMCOREINFO = "VMCOREINFO";
    /// Name of the note with what was erased from the dump, a line each.
    public static final String ERASEINFO = "ERASEINFO";
    /// Name of the notes with CPU state from QEMU.
    public static final String QEMU = "QEMU";
    /// Name and type of a driver's own dump, which can be large.
    public static final String LINUX = "LINUX";
    /// Type of those.
    public static final int NT_VMCOREDD = 0x700;
}
