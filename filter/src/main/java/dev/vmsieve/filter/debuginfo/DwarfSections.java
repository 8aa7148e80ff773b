// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/// The sections that DWARF's types are spread over, and the wanted names in them. One thread.
final class DwarfSections implements AutoCloseable {
    private final SectionData info;
    private final SectionData abbreviations;
    private final @Nullable SectionData strings;
    private final @Nullable SectionData stringOffsets;
    private final WantedNames wanted;
    private final @Nullable NameOffsets names;
    private @Nullable Abbreviations last;

    private DwarfSections(SectionData info, SectionData abbreviations, @Nullable SectionData strings,
            @Nullable SectionData stringOffsets, WantedNames wanted) throws IOException {
        this.info = info;
        this.abbreviations = abbreviations;
        this.strings = strings;
        this.stringOffsets = stringOffsets;
        this.wanted = wanted;
        this.names = strings == null ? null : NameOffsets.find(strings, wanted);
    }

    /// Opens them; empty if the file has no DWARF.
    static Optional<DwarfSections> open(ElfSections elf, WantedNames wanted, Optional<Path> directory)
            throws IOException {
        Optional<ElfSection> info = elf.find(".debug_info");
        Optional<ElfSection> abbreviations = elf.find(".debug_abbrev");
        if (info.isEmpty() || abbreviations.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new DwarfSections(SectionData.open(elf, info.get(), directory),
                SectionData.open(elf, abbreviations.get(), directory), optional(elf, ".debug_str", directory),
                optional(elf, ".debug_str_offsets", directory), wanted));
    }

    private static @Nullable SectionData optional(ElfSections elf, String name, Optional<Path> directory)
            throws IOException {
        Optional<ElfSection> section = elf.find(name);
        return section.isEmpty() ? null : SectionData.open(elf, section.get(), directory);
    }

    SectionData info() {
        return info;
    }

    WantedNames wanted() {
        return wanted;
    }

    /// The table at that offset; neighbours often share one.
    Abbreviations abbreviations(long offset) throws IOException {
        Abbreviations known = last;
        if (known == null || known.offset() != offset) {
            known = Abbreviations.read(abbreviations, offset);
            last = known;
        }
        return known;
    }

    /// Number of the wanted name at an offset of .debug_str.
    int nameAt(long offset) {
        NameOffsets known = names;
        return known == null ? WantedNames.NONE : known.nameAt(offset);
    }

    /// The same for a name that is told by its index in .debug_str_offsets.
    ///
    /// @param base where the unit's part of that section begins
    /// @param offsetBytes 4 or 8
    int nameByIndex(long base, long index, int offsetBytes) throws IOException {
        SectionData section = stringOffsets;
        if (section == null || index < 0) {
            return WantedNames.NONE;
        }
        long at = base + index * offsetBytes;
        return nameAt(offsetBytes == Long.BYTES ? section.u64(at) : section.u32(at) & 0xffff_ffffL);
    }

    @Override
    public void close() throws IOException {
        info.close();
        abbreviations.close();
        if (strings != null) {
            strings.close();
        }
        if (stringOffsets != null) {
            stringOffsets.close();
        }
    }
}
