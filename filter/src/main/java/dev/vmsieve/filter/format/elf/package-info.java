// SPDX-License-Identifier: Apache-2.0
/// ELF core files as a format: header, program headers, notes, in both classes and byte orders. Start at
/// [dev.vmsieve.filter.format.elf.ElfHeader].
///
/// Field names are those of elf(5). What a segment means for memory is decided in the vmcore package.
@NullMarked
package dev.vmsieve.filter.format.elf;

import org.jspecify.annotations.NullMarked;
