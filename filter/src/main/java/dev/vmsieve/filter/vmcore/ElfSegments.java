// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.filter.format.elf.ElfHeader;
import dev.vmsieve.filter.format.elf.ProgramHeader;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;

/// The program headers of a core file as pieces of memory, checked. Immutable once read.
final class ElfSegments {
    /// No machine has more physical address bits.
    private static final long MEMORY_LIMIT = 1L << 52;
    private static final int CHUNK_HEADERS = 1024;
    private static final long TEXT_BASE = 0xffff_ffff_8000_0000L;
    private static final long TEXT_BYTES = 1L << 30;

    private final String name;
    private final ElfHeader header;
    private final List<Segment> list = new ArrayList<>();
    private final List<KernelSegment> kernelSegments = new ArrayList<>();
    private final List<Segment> noteSegments = new ArrayList<>();
    /// Those that state physical address 0 for an address of the kernel.
    private final List<ProgramHeader> withoutAddress = new ArrayList<>();
    private Optional<Long> physBase = Optional.empty();

    private ElfSegments(String name, ElfHeader header) {
        this.name = name;
        this.header = header;
    }

    /// Reads and checks all program headers.
    static ElfSegments read(DumpFile file, ElfHeader header) throws IOException {
        var segments = new ElfSegments(file.path().toString(), header);
        int size = header.phentsize();
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(header.phnum(), CHUNK_HEADERS) * size)
                .order(header.byteOrder());
        for (long index = 0; index < header.phnum(); index += CHUNK_HEADERS) {
            int count = (int) Math.min(header.phnum() - index, CHUNK_HEADERS);
            chunk.clear().limit(count * size);
            file.read("program headers", header.phoff() + index * size, chunk);
            if (chunk.hasRemaining()) {
                throw segments.corrupt(index, "table", "be in the file", "cut off", 0);
            }
            for (int i = 0; i < count; i++) {
                segments.add(index + i, ProgramHeader.at(chunk, i * size, header.wordBytes()));
            }
        }
        segments.placeByVirtualAddress();
        if (segments.list.isEmpty()) {
            throw new CorruptDumpException("[" + segments.name + "] program headers: one of the " + header.phnum()
                    + " must be a PT_LOAD with a physical address but none was (offset 0x"
                    + Long.toHexString(header.phoff()) + ")");
        }
        return segments;
    }

    private void add(long index, ProgramHeader load) throws CorruptDumpException {
        if (load.type() == ProgramHeader.PT_NOTE && load.filesz() != 0) {
            noteSegments.add(new Segment(index, load.filesz(), load.filesz(), load.offset()));
        }
        if (load.type() != ProgramHeader.PT_LOAD || load.paddr() == ProgramHeader.NO_ADDRESS || load.memsz() == 0) {
            return;
        }
        boolean wide = header.wordBytes() == Long.BYTES;
        if (load.paddr() < 0 || load.paddr() >= MEMORY_LIMIT) {
            throw corrupt(index, "p_paddr", "be below 2^52", hex(load.paddr()), wide ? 24 : 12);
        }
        if (load.memsz() < 0 || load.memsz() > MEMORY_LIMIT - load.paddr()) {
            throw corrupt(index, "p_memsz", "end below 2^52", hex(load.memsz()), wide ? 40 : 20);
        }
        if (load.filesz() < 0 || load.filesz() > load.memsz()) {
            throw corrupt(index, "p_filesz", "not exceed p_memsz " + hex(load.memsz()), hex(load.filesz()),
                    wide ? 32 : 16);
        }
        if (load.filesz() > 0 && (load.offset() < 0 || load.offset() > Long.MAX_VALUE - load.filesz())) {
            throw corrupt(index, "p_offset", "end below 2^63", hex(load.offset()), wide ? 8 : 4);
        }
        if (DirectMap.lacksAddress(load)) {
            withoutAddress.add(load);
        }
        list.add(new Segment(load.paddr(), load.memsz(), load.filesz(), load.filesz() == 0 ? 0 : load.offset()));
        kernelSegments.add(new KernelSegment(load.paddr(), load.vaddr(), load.memsz()));
        long intoText = load.vaddr() - TEXT_BASE;
        if (physBase.isEmpty() && intoText >= 0 && intoText < TEXT_BYTES) {
            physBase = Optional.of(load.paddr() - intoText);
        }
    }

    /// All segments at physical address 0 is what a /proc/kcore has that does not tell.
    private void placeByVirtualAddress() throws CorruptDumpException {
        if (withoutAddress.size() < 2 || withoutAddress.size() < list.size()) {
            return;
        }
        list.clear();
        kernelSegments.clear();
        physBase = Optional.empty();
        for (Segment placed : DirectMap.place(withoutAddress)) {
            if (placed.paddr() > MEMORY_LIMIT - placed.memoryBytes()) {
                throw corrupt(0, "p_vaddr", "lie in the kernel's map of memory", hex(placed.paddr()), 0);
            }
            list.add(placed);
        }
    }

    private CorruptDumpException corrupt(long index, String field, String rule, String found, int at) {
        return CorruptDumpException.of(name, "program header " + index, field, rule, found,
                header.phoff() + index * header.phentsize() + at);
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /// The pieces of memory in file order.
    List<Segment> list() {
        return list;
    }

    /// The same pieces with the kernel's addresses.
    List<KernelSegment> kernelSegments() {
        return kernelSegments;
    }

    /// The PT_NOTE segments in file order; their paddr is the index of the program header.
    List<Segment> noteSegments() {
        return noteSegments;
    }

    /// phys_base by the segment that has the kernel text's address.
    Optional<Long> physBase() {
        return physBase;
    }

    /// The pieces as a file of that size holds them.
    List<Segment> cutAt(long fileBytes) {
        if (missingBytes(fileBytes) == 0) {
            return list;
        }
        List<Segment> held = new ArrayList<>(list.size());
        for (Segment segment : list) {
            held.add(segment.cutAt(fileBytes));
        }
        return held;
    }

    /// Bytes that the headers name and a file of that size does not hold.
    long missingBytes(long fileBytes) {
        long end = 0;
        for (Segment segment : list) {
            if (segment.storedBytes() > 0) {
                end = Math.max(end, segment.fileOffset() + segment.storedBytes());
            }
        }
        return Math.max(0, end - fileBytes);
    }

    /// Every page that a piece touches.
    PfnRanges existing(int pageBytes) {
        return pages(list, pageBytes, false);
    }

    /// Every page of which some byte is stored.
    static PfnRanges present(List<Segment> segments, int pageBytes) {
        return pages(segments, pageBytes, true);
    }

    private static PfnRanges pages(List<Segment> segments, int pageBytes, boolean storedOnly) {
        int shift = Integer.numberOfTrailingZeros(pageBytes);
        long[] starts = new long[segments.size()];
        long[] ends = new long[segments.size()];
        int count = 0;
        for (Segment segment : segments) {
            long bytes = storedOnly ? segment.storedBytes() : segment.memoryBytes();
            if (bytes > 0) {
                starts[count] = segment.paddr() >>> shift;
                ends[count++] = (segment.paddr() + bytes + pageBytes - 1) >>> shift;
            }
        }
        return new PfnRanges(Arrays.copyOf(starts, count), Arrays.copyOf(ends, count));
    }
}
