// SPDX-License-Identifier: Apache-2.0
/// A kernel's vmlinux instead of its VMCOREINFO: symbols and types out of an ELF file, from BTF or DWARF. Start at
/// [dev.vmsieve.filter.debuginfo.Vmlinux], then [dev.vmsieve.filter.debuginfo.KernelKeys], which says what is looked for.
///
/// Whatever the file's size, memory holds one or two of its units, and of its strings only where the wanted ones lie.
@NullMarked
package dev.vmsieve.filter.debuginfo;

import org.jspecify.annotations.NullMarked;
