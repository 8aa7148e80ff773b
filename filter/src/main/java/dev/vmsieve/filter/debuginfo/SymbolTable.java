// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The symbols of an ELF file that are looked for (System V ABI, chapter 4, "Symbol Table").
///
/// Of several symbols of one name a global one counts, else the first.
final class SymbolTable {
    private static final int LOCAL = 0;
    private static final int UNDEFINED = 0;

    private SymbolTable() {}

    /// A symbol.
    ///
    /// @param value st_value, its address as linked
    /// @param bytes st_size, 0 if it is not known
    /// @param section st_shndx
    /// @param binding 0 if it is local
    record Symbol(long value, long bytes, int section, int binding) {}

    /// Those of the names that the file has; none if it has no symbol table.
    ///
    /// @param directory for what is packed, as in [SectionData]
    static Map<String, Symbol> find(ElfSections elf, List<String> names, Optional<Path> directory) throws IOException {
        Map<String, Symbol> symbols = new HashMap<>();
        Optional<ElfSection> table = elf.find(".symtab");
        if (table.isEmpty() || table.get().type() != ElfSection.SYMTAB) {
            return symbols;
        }
        int link = table.get().link();
        if (link < 0 || link >= elf.list().size() || !elf.list().get(link).isInFile()) {
            return symbols;
        }
        var wanted = new WantedNames(names);
        try (SectionData strings = SectionData.open(elf, elf.list().get(link), directory);
                SectionData entries = SectionData.open(elf, table.get(), directory)) {
            NameOffsets offsets = NameOffsets.find(strings, wanted);
            boolean wide = elf.wordBytes() == Long.BYTES;
            int entryBytes = wide ? 24 : 16;
            for (long at = 0; at <= entries.bytes() - entryBytes; at += entryBytes) {
                int name = offsets.nameAt(entries.u32(at) & 0xffff_ffffL);
                if (name != WantedNames.NONE) {
                    Symbol symbol = wide ? wide(entries, at) : narrow(entries, at);
                    if (symbol.section() != UNDEFINED) {
                        symbols.merge(wanted.name(name), symbol, SymbolTable::better);
                    }
                }
            }
        }
        return symbols;
    }

    private static Symbol better(Symbol known, Symbol other) {
        return known.binding() == LOCAL && other.binding() != LOCAL ? other : known;
    }

    private static Symbol wide(SectionData entries, long at) throws IOException {
        return new Symbol(entries.u64(at + 8), entries.u64(at + 16), entries.u16(at + 6), entries.u8(at + 4) >>> 4);
    }

    private static Symbol narrow(SectionData entries, long at) throws IOException {
        return new Symbol(entries.u32(at + 4) & 0xffff_ffffL, entries.u32(at + 8) & 0xffff_ffffL, entries.u16(at + 14),
                entries.u8(at + 12) >>> 4);
    }
}
