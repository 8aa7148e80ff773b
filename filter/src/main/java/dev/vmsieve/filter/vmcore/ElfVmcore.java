// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.format.elf.ElfHeader;
import dev.vmsieve.filter.format.elf.ElfMachine;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.format.flat.FlattenedFile;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.progress.Progress;

/// An ELF core file: /proc/vmcore, a copy of it, or what QEMU's dump-guest-memory writes.
///
/// Physical memory is a set of ranges: segments overlap on x86_64, where the kernel's text comes twice. The part of a
/// segment past p_filesz exists and was left out by an earlier filter run. What a file cut short does not hold counts the
/// same, and as missing.
public final class ElfVmcore implements Vmcore {
    private final DumpFile file;
    private final String name;
    private final ElfMachine machine;
    private final int pageBytes;
    private final int headerWordBytes;
    private final List<KernelSegment> segments;
    private final ByteBuffer notes;
    private final Optional<byte[]> vmcoreinfo;
    private final Optional<Long> physBase;
    private final StoredRanges stored;
    private final PfnRanges existing;
    private final UnreadablePages unreadable;
    private final long missingPages;
    private final boolean incomplete;

    private ElfVmcore(DumpFile file, ElfHeader header, ElfMachine machine, ElfSegments segments, ByteBuffer notes,
            ElfNotes parsed, Path workDirectory) throws IOException {
        this.file = file;
        this.name = file.path().toString();
        this.machine = machine;
        this.headerWordBytes = header.wordBytes();
        this.segments = List.copyOf(segments.kernelSegments());
        this.notes = notes;
        this.vmcoreinfo = parsed.text(ElfNote.VMCOREINFO, notes);
        this.pageBytes = machine.pageBytes(PageSizeKey.in(vmcoreinfo));
        this.physBase = segments.physBase();
        this.stored = segments.stored();
        this.existing = segments.existing(pageBytes);
        this.unreadable = new UnreadablePages(existing.end(), workDirectory);
        boolean cutShort = segments.missingBytes() > 0;
        this.missingPages = cutShort
                ? segments.named().pages(pageBytes) - stored.pages(pageBytes)
                : 0;
        this.incomplete = (header.flags() & ElfHeader.INCOMPLETE) != 0 || cutShort
                || (file instanceof FlattenedFile flattened && flattened.truncated());
    }

    /// Opens an ELF core; the caller closes the file if that fails.
    ///
    /// @param workDirectory where bitmaps lie that are more than memory is to hold
    static ElfVmcore open(DumpFile file, Path workDirectory, Progress progress) throws IOException {
        ElfHeader header = ElfHeader.read(file);
        ElfMachine machine = header.supportedMachine(file.path().toString());
        ElfSegments segments = ElfSegments.read(file, header, new ChunkFile(workDirectory));
        ByteBuffer notes = NotesArea.read(file, segments.noteSegments(), header.byteOrder());
        ElfNotes parsed = ElfNotes.parse(notes);
        ElfVmcore vmcore = new ElfVmcore(file, header, machine, segments, notes, parsed, workDirectory);
        vmcore.warn(parsed, segments.missingBytes(), progress);
        return vmcore;
    }

    private void warn(ElfNotes parsed, long missingBytes, Progress progress) {
        if (parsed.damage().isPresent()) {
            progress.warning("[" + name + "] notes: " + parsed.damage().get() + " (offset 0x"
                    + Integer.toHexString(parsed.end()) + " in the notes); it and what follows is not used");
        }
        if (missingBytes > 0) {
            progress.warning("[" + name + "] the file is cut short: " + missingBytes + " bytes (" + missingPages
                    + " pages) that its headers name are missing");
        } else if (incomplete) {
            progress.warning("[" + name + "] the file says that it is incomplete");
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int machine() {
        return machine.number();
    }

    @Override
    public ByteOrder byteOrder() {
        return machine.byteOrder();
    }

    @Override
    public int pageBytes() {
        return pageBytes;
    }

    @Override
    public long maxMapnr() {
        return existing.end();
    }

    @Override
    public ByteBuffer notes() {
        return notes.asReadOnlyBuffer().order(notes.order());
    }

    @Override
    public Optional<byte[]> vmcoreinfo() {
        return vmcoreinfo.isPresent() ? Optional.of(vmcoreinfo.get().clone()) : vmcoreinfo;
    }

    @Override
    public Optional<Long> physBaseOfTextSegment() {
        return physBase;
    }

    @Override
    public List<KernelSegment> segments() {
        return segments;
    }

    @Override
    public int headerWordBytes() {
        return headerWordBytes;
    }

    @Override
    public int dumpLevel() {
        return 0;
    }

    @Override
    public void markExisting(PfnRange range, PageBitmap bitmap) {
        existing.mark(range, bitmap);
    }

    @Override
    public void markPresent(PfnRange range, PageBitmap bitmap) {
        stored.markPages(range, bitmap, pageBytes);
    }

    @Override
    public boolean isStored(long pfn) {
        int shift = Integer.numberOfTrailingZeros(pageBytes);
        return pfn >= 0 && pfn < existing.end() && stored.anyIn(pfn << shift, (pfn + 1) << shift)
                && !unreadable.contains(pfn);
    }

    @Override
    public long firstNotStored(long pfn, long end) {
        return pfn < 0 ? pfn : unreadable.first(pfn, stored.firstPageNotIn(pfn, end, pageBytes));
    }

    @Override
    public PageReader newReader() {
        return new SegmentReader(file, stored, unreadable, pageBytes);
    }

    @Override
    public long unreadablePages() {
        return unreadable.count();
    }

    @Override
    public long missingPages() {
        return missingPages;
    }

    @Override
    public boolean incomplete() {
        return incomplete;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
