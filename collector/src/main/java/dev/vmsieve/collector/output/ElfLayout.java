// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.format.elf.ElfHeader;
import dev.vmsieve.filter.format.elf.ProgramHeader;
import dev.vmsieve.filter.vmcore.KernelSegment;

/// Where everything lies in an ELF dump:
///
/// ```
/// ELF header | PT_NOTE, PT_LOADs | section header 0, from 65535 program headers on | notes | data by physical address
/// ```
///
/// crash wants the PT_NOTE first and the notes before the data. Memory that several PT_LOADs cover, as the kernel's image
/// on x86_64, is stored once: they point to the same bytes. Immutable.
public final class ElfLayout {
    private static final long LIMIT_32 = 0xffff_ffffL;

    private final ElfHeader header;
    private final ElfTiles tiles;
    private final StoredRuns runs;
    private final int notesBytes;

    private ElfLayout(ElfHeader header, ElfTiles tiles, StoredRuns runs, int notesBytes) {
        this.header = header;
        this.tiles = tiles;
        this.runs = runs;
        this.notesBytes = notesBytes;
    }

    /// What the crashed machine is, for the header.
    ///
    /// @param number e_machine
    /// @param headerWordBytes 4 for an ELF32 file, which becomes an ELF64 one where the dump is too large for it; else 8
    public record Machine(int number, ByteOrder byteOrder, int headerWordBytes, int pageBytes) {}

    /// The layout of a dump.
    ///
    /// @param kept the pages to be stored; pages of short runs between them, which are stored too, are added
    public static ElfLayout of(Machine machine, List<KernelSegment> segments, PageBitmap kept, int notesBytes) {
        ElfTiles tiles = ElfTiles.of(segments, kept, machine.pageBytes());
        ElfLayout layout = of(machine, machine.headerWordBytes(), tiles, notesBytes);
        if (!layout.fits()) {
            layout = of(machine, Long.BYTES, tiles, notesBytes);
        }
        layout.runs.mark(kept, machine.pageBytes());
        return layout;
    }

    private static ElfLayout of(Machine machine, int wordBytes, ElfTiles tiles, int notesBytes) {
        ElfHeader header = new ElfHeader(wordBytes, machine.byteOrder(), machine.number(), 0,
                ElfHeader.bytes(wordBytes), 1L + tiles.count());
        long notesStart = header.programHeadersEnd() + header.sectionHeaderBytes();
        StoredRuns runs = StoredRuns.of(tiles, notesStart + notesBytes, machine.pageBytes());
        return new ElfLayout(header, tiles, runs, notesBytes);
    }

    /// Readers do not know extended numbering in 32-bit files.
    private boolean fits() {
        if (header.wordBytes() == Long.BYTES) {
            return true;
        }
        boolean fits = header.phnum() < ElfHeader.PN_XNUM && runs.fileEnd() <= LIMIT_32;
        for (int i = 0; i < tiles.count(); i++) {
            fits &= tiles.paddr(i) + tiles.memoryBytes(i) <= LIMIT_32 + 1;
        }
        return fits;
    }

    /// The ELF header, without the mark of an incomplete dump.
    ElfHeader header() {
        return header;
    }

    /// The memory that is stored.
    StoredRuns runs() {
        return runs;
    }

    /// Where the notes start.
    long notesStart() {
        return header.programHeadersEnd() + header.sectionHeaderBytes();
    }

    /// Size of the file.
    public long fileBytes() {
        return runs.fileEnd();
    }

    /// Writes a program header at that place of the buffer.
    ///
    /// @param index 0 for the PT_NOTE
    /// @param endPaddr memory from this address on is not in the file
    void putProgramHeader(int index, long endPaddr, ByteBuffer target, int at) {
        ProgramHeader entry = index == 0
                ? new ProgramHeader(ProgramHeader.PT_NOTE, notesStart(), 0, 0, notesBytes, notesBytes)
                : load(index - 1, endPaddr);
        entry.put(target, at, header.wordBytes());
    }

    /// One that stores nothing has an offset all the same: crash refuses a dump whose first one is at 0.
    private ProgramHeader load(int tile, long endPaddr) {
        long paddr = tiles.paddr(tile);
        long stored = Math.clamp(endPaddr - paddr, 0, tiles.storedBytes(tile));
        long offset = stored == 0 ? runs.gapStart(0) : runs.offsetOf(runs.firstEndingAfter(paddr), paddr);
        return new ProgramHeader(ProgramHeader.PT_LOAD, offset, vaddr(tile), paddr, stored, tiles.memoryBytes(tile));
    }

    /// Addresses that wrap around a 32-bit address space are none: memory beyond the direct map is not mapped.
    private long vaddr(int tile) {
        long vaddr = tiles.vaddr(tile);
        return header.wordBytes() == Integer.BYTES && vaddr > LIMIT_32 ? KernelSegment.NO_ADDRESS : vaddr;
    }
}
