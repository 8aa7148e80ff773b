// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PageRanks;
import dev.vmsieve.filter.format.elf.ElfHeader;
import dev.vmsieve.filter.format.elf.ProgramHeader;
import dev.vmsieve.filter.vmcore.KernelSegment;

/// Where everything lies in an ELF dump:
///
/// ```
/// ELF header | PT_NOTE, PT_LOADs | section header 0, from 65535 program headers on | notes | zeroes | pages by pfn
/// ```
///
/// crash wants the PT_NOTE first and the notes before the data. Pages start at a multiple of their size, and each is there
/// once: PT_LOADs of the same memory, as that of the kernel's image on x86_64, point to the same bytes. A page that a PT_LOAD
/// ends within is whole all the same.
///
/// Its memory does not grow with the number of program headers. For one thread at a time.
public final class ElfLayout {
    private static final long LIMIT_32 = 0xffff_ffffL;

    private final ElfHeader header;
    private final ElfTiles tiles;
    private final PageRanks stored;
    private final int notesBytes;
    private final int pageShift;

    private ElfLayout(ElfHeader header, ElfTiles tiles, PageRanks stored, int notesBytes, int pageShift) {
        this.header = header;
        this.tiles = tiles;
        this.stored = stored;
        this.notesBytes = notesBytes;
        this.pageShift = pageShift;
    }

    /// What the crashed machine is, for the header.
    ///
    /// @param number e_machine
    /// @param headerWordBytes 4 for an ELF32 file, which becomes an ELF64 one where the dump is too large for it; else 8
    public record Machine(int number, ByteOrder byteOrder, int headerWordBytes, int pageBytes) {}

    /// The layout of a dump.
    ///
    /// @param flags e_flags: [ElfHeader#INCOMPLETE] if the input is known to lack pages, or 0
    /// @param kept the pages to be stored, each in some segment; pages of short runs before them, which are stored too, are
    ///        added, and from then on it must stay as it is
    public static ElfLayout of(Machine machine, int flags, List<KernelSegment> segments, PageBitmap kept,
            int notesBytes) {
        ElfTiles tiles = new ElfTiles(segments, kept, machine.pageBytes());
        PageRanks stored = new PageRanks(kept);
        ElfLayout layout = of(machine, machine.headerWordBytes(), flags, tiles, stored, notesBytes);
        return layout.fits() ? layout : of(machine, Long.BYTES, flags, tiles, stored, notesBytes);
    }

    private static ElfLayout of(Machine machine, int wordBytes, int flags, ElfTiles tiles, PageRanks stored,
            int notesBytes) {
        ElfHeader header = new ElfHeader(wordBytes, machine.byteOrder(), machine.number(), flags,
                ElfHeader.bytes(wordBytes), 1 + tiles.count());
        return new ElfLayout(header, tiles, stored, notesBytes, Integer.numberOfTrailingZeros(machine.pageBytes()));
    }

    /// Readers do not know extended numbering in 32-bit files.
    private boolean fits() {
        if (header.wordBytes() == Long.BYTES) {
            return true;
        }
        boolean fits = header.phnum() < ElfHeader.PN_XNUM && fileBytes() <= LIMIT_32;
        for (KernelSegment segment : tiles.segments()) {
            fits &= segment.end() <= LIMIT_32 + 1;
        }
        return fits;
    }

    /// The ELF header, as it is when all is written.
    ElfHeader header() {
        return header;
    }

    /// Where the notes start.
    long notesStart() {
        return header.programHeadersEnd() + header.sectionHeaderBytes();
    }

    /// Where the stored page starts with so many stored below it. For the number of all of them: the file's size.
    long pageStart(long rank) {
        long dataStart = notesStart() + notesBytes + (1L << pageShift) - 1 & -1L << pageShift;
        return dataStart + (rank << pageShift);
    }

    /// Number of stored pages.
    long pages() {
        return stored.total();
    }

    /// Size of the file.
    public long fileBytes() {
        return pageStart(pages());
    }

    /// The program headers.
    ///
    /// @param endPaddr memory from this address on is not in the file
    ProgramHeaders programHeaders(long endPaddr) {
        return new ProgramHeaders(endPaddr);
    }

    /// Tells the program headers one after the other, the PT_NOTE first.
    final class ProgramHeaders {
        private final long endPaddr;
        private final ElfTiles.Cursor tile = tiles.cursor();
        private final PageRanks.Cursor ranks = stored.cursor();
        private boolean begun;

        private ProgramHeaders(long endPaddr) {
            this.endPaddr = endPaddr;
        }

        /// Writes the next program headers, so many that are left as the buffer has room for, from its start on. None are
        /// left if that is none.
        void putNext(ByteBuffer target) {
            target.clear();
            int size = header.phentsize();
            if (!begun) {
                begun = true;
                put(target, new ProgramHeader(ProgramHeader.PT_NOTE, notesStart(), 0, 0, notesBytes, notesBytes));
            }
            while (target.remaining() >= size && tile.next()) {
                put(target, load());
            }
            target.flip();
        }

        private void put(ByteBuffer target, ProgramHeader entry) {
            entry.put(target, target.position(), header.wordBytes());
            target.position(target.position() + header.phentsize());
        }

        /// One that stores nothing has an offset all the same: crash refuses a dump whose first one is at 0.
        private ProgramHeader load() {
            long paddr = tile.paddr();
            long bytes = Math.clamp(endPaddr - paddr, 0, tile.storedBytes());
            long offset = bytes == 0
                    ? pageStart(0)
                    : pageStart(ranks.below(paddr >>> pageShift)) + (paddr & (1L << pageShift) - 1);
            return new ProgramHeader(ProgramHeader.PT_LOAD, offset, vaddr(), paddr, bytes, tile.memoryBytes());
        }

        /// Addresses that wrap around a 32-bit address space are none: memory beyond the direct map is not mapped.
        private long vaddr() {
            long vaddr = tile.vaddr();
            return header.wordBytes() == Integer.BYTES && vaddr > LIMIT_32 ? KernelSegment.NO_ADDRESS : vaddr;
        }
    }
}
