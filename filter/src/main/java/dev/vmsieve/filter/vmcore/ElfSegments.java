// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.format.elf.ElfHeader;
import dev.vmsieve.filter.format.elf.ProgramHeader;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// The program headers of a core file as pieces of memory, checked. Immutable once read.
///
/// Pieces that go on where the one before ends, as those of a dump that was filtered before, are one: what is in memory does
/// not grow with the number of their program headers.
final class ElfSegments {
    /// No machine has more physical address bits.
    private static final long MEMORY_LIMIT = 1L << 52;
    private static final int CHUNK_HEADERS = 1024;
    /// Pieces of memory and notes that are held: each takes about 90 bytes while a file is opened. Kernels have a few
    /// thousand, QEMU's dumps with page tables 65,693 were seen of.
    static final int MOST_PIECES = 1 << 18;
    private static final long TEXT_BASE = 0xffff_ffff_8000_0000L;
    private static final long TEXT_BYTES = 1L << 30;

    private final DumpFile file;
    private final String name;
    private final ElfHeader header;
    private final ChunkFile work;
    private final List<KernelSegment> kernelSegments = new ArrayList<>();
    private final List<Segment> noteSegments = new ArrayList<>();
    private long loads;
    /// Those that state physical address 0 for an address of the kernel.
    private final List<ProgramHeader> withoutAddress = new ArrayList<>();
    /// Where these are placed; empty if the addresses are as stated.
    private List<Segment> placed = List.of();
    private Optional<Long> physBase = Optional.empty();
    /// What of the pieces the file holds.
    private StoredRanges.Builder held;
    /// Where the last byte ends that some piece stores.
    private long storedEnd;

    private ElfSegments(DumpFile file, ElfHeader header, ChunkFile work) {
        this.file = file;
        this.name = file.path().toString();
        this.header = header;
        this.work = work;
        this.held = new StoredRanges.Builder(name, work);
    }

    /// Reads and checks all program headers.
    ///
    /// @param work where tables go that are more than memory is to hold
    static ElfSegments read(DumpFile file, ElfHeader header, ChunkFile work) throws IOException {
        var segments = new ElfSegments(file, header, work);
        segments.forEachHeader(segments::add);
        segments.placeByVirtualAddress();
        if (segments.kernelSegments.isEmpty() && segments.placed.isEmpty()) {
            throw new CorruptDumpException("[" + segments.name + "] program headers: one of the " + header.phnum()
                    + " must be a PT_LOAD with a physical address but none was (offset 0x"
                    + Long.toHexString(header.phoff()) + ")");
        }
        return segments;
    }

    /// What is done with a program header.
    private interface Visitor {
        void visit(long index, ProgramHeader entry) throws DumpException;
    }

    private void forEachHeader(Visitor visitor) throws IOException {
        int size = header.phentsize();
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(header.phnum(), CHUNK_HEADERS) * size)
                .order(header.byteOrder());
        for (long index = 0; index < header.phnum(); index += CHUNK_HEADERS) {
            int count = (int) Math.min(header.phnum() - index, CHUNK_HEADERS);
            chunk.clear().limit(count * size);
            file.read("program headers", header.phoff() + index * size, chunk);
            if (chunk.hasRemaining()) {
                throw corrupt(index, "table", "be in the file", "cut off", 0);
            }
            for (int i = 0; i < count; i++) {
                visitor.visit(index + i, ProgramHeader.at(chunk, i * size, header.wordBytes()));
            }
        }
    }

    private static boolean isMemory(ProgramHeader entry) {
        return entry.type() == ProgramHeader.PT_LOAD && entry.paddr() != ProgramHeader.NO_ADDRESS
                && entry.memsz() != 0;
    }

    private static Segment segment(ProgramHeader load) {
        return new Segment(load.paddr(), load.memsz(), load.filesz(), load.filesz() == 0 ? 0 : load.offset());
    }

    private void add(long index, ProgramHeader load) throws DumpException {
        if (load.type() == ProgramHeader.PT_NOTE && load.filesz() != 0) {
            noteSegments.add(new Segment(index, load.filesz(), load.filesz(), load.offset()));
            checkCount();
        }
        if (!isMemory(load)) {
            return;
        }
        check(index, load);
        if (DirectMap.lacksAddress(load)) {
            withoutAddress.add(load);
        }
        loads++;
        addKernelSegment(new KernelSegment(load.paddr(), load.vaddr(), load.memsz()));
        checkCount();
        addStored(segment(load));
        long intoText = load.vaddr() - TEXT_BASE;
        if (physBase.isEmpty() && intoText >= 0 && intoText < TEXT_BYTES) {
            physBase = Optional.of(load.paddr() - intoText);
        }
    }

    private void checkCount() throws UnsupportedDumpException {
        if (kernelSegments.size() + noteSegments.size() > MOST_PIECES) {
            throw new UnsupportedDumpException("[" + name + "] program headers: the " + header.phnum()
                    + " must be of at most " + MOST_PIECES + " separate pieces of memory and notes but are of more");
        }
    }

    private void check(long index, ProgramHeader load) throws CorruptDumpException {
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
    }

    private void addStored(Segment segment) {
        if (segment.storedBytes() > 0) {
            storedEnd = Math.max(storedEnd, segment.fileOffset() + segment.storedBytes());
        }
        held.add(segment.cutAt(file.size()));
    }

    private void addKernelSegment(KernelSegment segment) {
        KernelSegment last = kernelSegments.isEmpty() ? null : kernelSegments.getLast();
        if (last != null && last.end() == segment.paddr() && last.vaddrOf(last.end()) == segment.vaddr()) {
            kernelSegments.set(kernelSegments.size() - 1,
                    new KernelSegment(last.paddr(), last.vaddr(), last.bytes() + segment.bytes()));
        } else {
            kernelSegments.add(segment);
        }
    }

    /// All segments at physical address 0 is what a /proc/kcore has that does not tell.
    private void placeByVirtualAddress() throws CorruptDumpException {
        if (withoutAddress.size() < 2 || withoutAddress.size() < loads) {
            return;
        }
        kernelSegments.clear();
        physBase = Optional.empty();
        storedEnd = 0;
        held = new StoredRanges.Builder(name, work);
        placed = DirectMap.place(withoutAddress);
        for (Segment segment : placed) {
            if (segment.paddr() > MEMORY_LIMIT - segment.memoryBytes()) {
                throw corrupt(0, "p_vaddr", "lie in the kernel's map of memory", hex(segment.paddr()), 0);
            }
            addStored(segment);
        }
    }

    private CorruptDumpException corrupt(long index, String field, String rule, String found, int at) {
        return CorruptDumpException.of(name, "program header " + index, field, rule, found,
                header.phoff() + index * header.phentsize() + at);
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /// The pieces in file order with the kernel's addresses; none if those are all that was stated.
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

    /// What of the pieces the file holds; to be asked for once.
    StoredRanges stored() throws UnsupportedDumpException {
        return held.build();
    }

    /// What the pieces store by their headers, whether the file holds it or not. Reads the program headers again.
    StoredRanges named() throws IOException {
        var builder = new StoredRanges.Builder(name, work);
        if (placed.isEmpty()) {
            forEachHeader((index, load) -> {
                if (isMemory(load)) {
                    check(index, load);
                    builder.add(segment(load));
                }
            });
        }
        placed.forEach(builder::add);
        return builder.build();
    }

    /// Bytes that the headers name and the file does not hold.
    long missingBytes() {
        return Math.max(0, storedEnd - file.size());
    }

    /// Every page that a piece touches.
    PfnRanges existing(int pageBytes) {
        int shift = Integer.numberOfTrailingZeros(pageBytes);
        int count = kernelSegments.size() + placed.size();
        long[] starts = new long[count];
        long[] ends = new long[count];
        int at = 0;
        for (KernelSegment segment : kernelSegments) {
            starts[at] = segment.paddr() >>> shift;
            ends[at++] = (segment.end() + pageBytes - 1) >>> shift;
        }
        for (Segment segment : placed) {
            starts[at] = segment.paddr() >>> shift;
            ends[at++] = (segment.paddr() + segment.memoryBytes() + pageBytes - 1) >>> shift;
        }
        return new PfnRanges(starts, ends);
    }
}
