// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.format.elf.ElfMachine;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.format.flat.FlattenedFile;
import dev.vmsieve.filter.format.kdump.FileRegion;
import dev.vmsieve.filter.format.kdump.KdumpPart;
import dev.vmsieve.filter.format.kdump.PageDescriptor;
import dev.vmsieve.filter.format.kdump.StorageFlag;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;

/// A kdump-compressed dump, to be filtered again: one file, or the parts of a split one.
///
/// Pages that an earlier run left out exist and are not present. Pages that a dump cut short has lost, or of a part that is
/// not at hand, are not present either, and count as missing; a page that turns out to be damaged counts as unreadable.
/// A file is cut short if its header says so, or if it ends before its last page's data do: makedumpfile writes these in
/// the order of the pfns.
final class KdumpVmcore implements Vmcore {
    private static final int MAX_LEVEL = 31;
    private static final int DESCRIPTOR_PIECE = 1024;
    /// Of pages that share their data, which are zeroes, a machine may have many at its end; these are 1 GiB of them.
    private static final int MOST_SHARED_AT_END = 1 << 18;
    private static final long STEP_PFNS = 1 << 20;

    private final List<KdumpPart> parts;
    private final String name;
    private final ElfMachine machine;
    private final ByteBuffer notes;
    private final Optional<byte[]> vmcoreinfo;
    private final KdumpPages pages;
    private final PageBitmap present;
    private final long lostPages;
    private final boolean incomplete;
    /// For each part: true if its first data block is a page of zeroes.
    private final boolean[] zeroFirst;
    private final UnreadablePages unreadable;
    private final Progress progress;
    private final BufferPool readData = new BufferPool(KdumpPageReader.DATA_BYTES);
    /// Guarded by this object.
    private boolean warned;

    private KdumpVmcore(List<KdumpPart> parts, ElfMachine machine, Path workDirectory, Progress progress)
            throws IOException {
        this.parts = parts;
        this.progress = progress;
        KdumpPart first = parts.getFirst();
        this.name = first.name();
        this.machine = machine;
        this.notes = readNotes(parts, progress);
        this.vmcoreinfo = findVmcoreinfo(notes);
        this.pages = KdumpPages.read(parts);
        this.zeroFirst = new boolean[parts.size()];
        boolean cut = false;
        for (int i = 0; i < parts.size(); i++) {
            KdumpPart part = parts.get(i);
            zeroFirst[i] = isZero(part.file(), pages.dataOffset());
            cut |= part.headers().incomplete() || (part.file() instanceof FlattenedFile flat && flat.truncated())
                    || endsBeforeItsDescriptors(i) || endsBeforeItsData(i);
        }
        long missing = pagesOfNoPart();
        if (cut || missing > 0) {
            this.present = new PageBitmap(pages.dumped().size(), new ChunkFile(workDirectory));
            this.lostPages = missing + findPresent(present, cut);
        } else {
            this.present = pages.dumped();
            this.lostPages = 0;
        }
        this.incomplete = cut || lostPages > 0;
        this.unreadable = new UnreadablePages(pages.dumped().size(), workDirectory);
    }

    /// Opens a dump of one file, or one part of a split one; the caller closes the file if that fails.
    ///
    /// @param workDirectory where bitmaps lie that are more than memory is to hold
    static KdumpVmcore open(DumpFile file, Path workDirectory, Progress progress) throws IOException {
        KdumpPart part = KdumpPart.open(file);
        if (part.isSplit() && part.range().pages() < part.headers().maxMapnr()) {
            PfnRange range = part.range();
            progress.warning("[" + part.name() + "] is one part of a split dump: it holds pfns 0x"
                    + Long.toHexString(range.start()) + " to 0x" + Long.toHexString(range.end()) + " of 0x"
                    + Long.toHexString(part.headers().maxMapnr())
                    + "; give all parts as the input (PART... DUMPFILE), or join them with --reassemble");
        }
        return open(List.of(part), workDirectory, progress);
    }

    /// Opens the parts of a split dump; the caller closes the files if that fails.
    static KdumpVmcore openSplit(List<DumpFile> files, Path workDirectory, Progress progress) throws IOException {
        List<KdumpPart> parts = new ArrayList<>();
        for (DumpFile file : files) {
            parts.add(KdumpPart.open(file));
        }
        List<KdumpPart> inOrder = KdumpPart.inOrder(parts);
        try {
            KdumpPart.checkCover(inOrder);
        } catch (CorruptDumpException gap) {
            progress.warning(gap.getMessage() + "; their pages are missing");
        }
        return open(inOrder, workDirectory, progress);
    }

    private static KdumpVmcore open(List<KdumpPart> parts, Path workDirectory, Progress progress) throws IOException {
        KdumpPart first = parts.getFirst();
        String label = first.headers().main().machine();
        Optional<ElfMachine> machine = ElfMachine.ofLabel(label);
        if (machine.isEmpty()) {
            throw new UnsupportedDumpException(
                    "[" + first.name() + "] kdump main header: machine of utsname is \"" + label
                            + "\"; supported: " + ElfMachine.supported(Long.BYTES));
        }
        if (!machine.get().byteOrder().equals(first.headers().order())) {
            throw new CorruptDumpException("[" + first.name() + "] kdump main header: byte order must be "
                    + machine.get().byteOrder() + " on " + label + " but was " + first.headers().order());
        }
        var vmcore = new KdumpVmcore(parts, machine.get(), workDirectory, progress);
        vmcore.warn();
        return vmcore;
    }

    private void warn() {
        KdumpPart first = parts.getFirst();
        if (first.headers().maxMapnrDiffers()) {
            progress.warning("[" + name + "] kdump main header: max_mapnr is " + first.headers().main().maxMapnr()
                    + " but max_mapnr_64 is " + first.headers().maxMapnr() + ", which counts");
        }
        if (pages.strayBits()) {
            progress.warning(
                    "[" + name + "] kdump bitmaps: the 2nd has pages that the 1st has not; they are taken to exist");
        }
        for (KdumpPart part : parts) {
            warnOfLostEraseinfo(part);
        }
        if (incomplete) {
            progress.warning("[" + name + "] the dump is incomplete: " + lostPages + " of "
                    + pages.dumpedPages() + " pages are missing");
        }
    }

    private void warnOfLostEraseinfo(KdumpPart part) {
        FileRegion stated = part.headers().sub().eraseinfo();
        FileRegion there = part.eraseinfo();
        if (stated.bytes() != there.bytes()) {
            progress.warning("[" + part.name() + "] kdump sub header: size_eraseinfo is " + stated.bytes()
                    + " but the file has " + there.bytes() + " bytes of that text, at offset_eraseinfo 0x"
                    + Long.toHexString(stated.offset()) + ": what was erased from the dump is not fully known");
        }
    }

    /// The notes; where the header's version has none, one made of the VMCOREINFO text. What was erased, of which the sub
    /// headers tell, is made a note too, unless there is one that says the same.
    private static ByteBuffer readNotes(List<KdumpPart> parts, Progress progress) throws IOException {
        KdumpPart first = parts.getFirst();
        FileRegion region = first.headers().sub().notes();
        FileRegion text = first.headers().sub().vmcoreinfo();
        ByteBuffer notes = NotesArea.read(first.file(), region, first.headers().order());
        ElfNotes parsed = ElfNotes.parse(notes);
        parsed.damage().ifPresent(damage -> progress.warning("[" + first.name() + "] notes: " + damage
                + "; it and what follows is not used"));
        // A wrong size may take in what is no note.
        notes.limit(parsed.end());
        if (region.bytes() == 0 && text.bytes() > 0) {
            notes = ElfNotes.with(notes, ElfNote.VMCOREINFO, readRegion(first, text, "notes"));
        }
        byte[] erased = erased(parts, progress);
        Optional<byte[]> told = ElfNotes.parse(notes).text(ElfNote.ERASEINFO, notes);
        boolean known = told.isPresent() && Arrays.equals(told.get(), erased);
        return erased.length == 0 || known ? notes : ElfNotes.with(notes, ElfNote.ERASEINFO, erased);
    }

    /// What was erased. Parts that were written with the same rules have the same text.
    private static byte[] erased(List<KdumpPart> parts, Progress progress) throws IOException {
        var text = new ByteArrayOutputStream();
        byte[] last = {};
        for (KdumpPart part : parts) {
            try {
                byte[] own = readRegion(part, part.eraseinfo(), "eraseinfo");
                if (!Arrays.equals(own, last)) {
                    text.writeBytes(own);
                    last = own;
                }
            } catch (ClosedChannelException closed) {
                throw closed;
            } catch (IOException unreadable) {
                progress.warning(unreadable.getMessage() + ": what was erased from the dump is not fully known");
            }
        }
        return text.toByteArray();
    }

    private static byte[] readRegion(KdumpPart part, FileRegion region, String what) throws IOException {
        byte[] bytes = new byte[(int) region.bytes()];
        part.file().read(what, region.offset(), ByteBuffer.wrap(bytes));
        return bytes;
    }

    private Optional<byte[]> findVmcoreinfo(ByteBuffer all) throws IOException {
        Optional<byte[]> text = ElfNotes.parse(all).text(ElfNote.VMCOREINFO, all);
        FileRegion region = parts.getFirst().headers().sub().vmcoreinfo();
        return text.isPresent() || region.bytes() == 0
                ? text
                : Optional.of(readRegion(parts.getFirst(), region, "notes"));
    }

    private boolean isZero(DumpFile file, long offset) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(pages.blockBytes());
        if (!file.tryRead(offset, block)) {
            return false;
        }
        for (int at = 0; at < block.capacity(); at += Long.BYTES) {
            if (block.getLong(at) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean endsBeforeItsDescriptors(int part) {
        return pages.descriptorOffset(pages.pagesOf(part)) > pages.file(part).size();
    }

    /// True if the file ends before the data of the part's last page that has data of its own.
    private boolean endsBeforeItsData(int part) throws IOException {
        long total = pages.pagesOf(part);
        long lowest = Math.max(0, total - MOST_SHARED_AT_END);
        ByteBuffer piece = newPiece();
        for (long end = total; end > lowest; end -= DESCRIPTOR_PIECE) {
            long start = Math.max(lowest, end - DESCRIPTOR_PIECE);
            if (!readDescriptors(part, start, end, piece)) {
                return false;
            }
            for (int at = piece.limit() - KdumpPages.descriptorBytes(); at >= 0; at -= KdumpPages.descriptorBytes()) {
                if (PageDescriptor.offset(piece, at) > pages.dataOffset()) {
                    return isBehindEnd(part, piece, at);
                }
            }
        }
        return false;
    }

    private boolean isBehindEnd(int part, ByteBuffer descriptors, int at) {
        int bytes = PageDescriptor.bytes(descriptors, at);
        return bytes > 0 && bytes <= pages.blockBytes()
                && PageDescriptor.offset(descriptors, at) > pages.file(part).size() - bytes;
    }

    private ByteBuffer newPiece() {
        return ByteBuffer.allocateDirect(DESCRIPTOR_PIECE * KdumpPages.descriptorBytes()).order(byteOrder());
    }

    /// Fills the piece with the part's descriptors [start, end); those behind the file's end are empty.
    ///
    /// @return false if the system cannot read them; whoever reads their pages will say so
    private boolean readDescriptors(int part, long start, long end, ByteBuffer piece) throws IOException {
        int bytes = (int) (end - start) * KdumpPages.descriptorBytes();
        long left = (pages.file(part).size() - pages.descriptorOffset(start)) / KdumpPages.descriptorBytes();
        int there = (int) Math.clamp(left, 0L, end - start) * KdumpPages.descriptorBytes();
        piece.clear();
        for (int at = there; at < bytes; at += Long.BYTES) {
            piece.putLong(at, 0);
        }
        boolean told = there == 0 || pages.file(part).tryRead(pages.descriptorOffset(start), piece.limit(there));
        piece.limit(bytes);
        return told;
    }

    private long pagesOfNoPart() {
        long covered = 0;
        long count = 0;
        for (KdumpPart part : parts) {
            count += pages.dumped().cardinality(covered, part.range().start());
            covered = part.range().end();
        }
        return count + pages.dumped().cardinality(covered, pages.dumped().size());
    }

    /// Marks the pages that a part at hand has, in order; where a file was cut short without those whose descriptor is
    /// empty, or points behind the file's end.
    ///
    /// @return how many those are
    private long findPresent(PageBitmap found, boolean cut) throws IOException {
        long lost = 0;
        for (int i = 0; i < parts.size(); i++) {
            if (cut) {
                lost += findDescribed(found, i);
            } else {
                copy(parts.get(i).range(), found);
            }
        }
        found.settle(found.size());
        return lost;
    }

    private void copy(PfnRange range, PageBitmap to) {
        long end = Math.min(range.end(), to.size());
        for (long start = range.start(); start < end; start += STEP_PFNS) {
            mark(pages.dumped(), new PfnRange(start, Math.min(start + STEP_PFNS, end)), to);
            to.settle(start);
        }
    }

    private long findDescribed(PageBitmap found, int part) throws IOException {
        ByteBuffer piece = newPiece();
        long total = pages.pagesOf(part);
        long pfn = parts.get(part).range().start() - 1;
        long lost = 0;
        boolean told = false;
        for (long rank = 0; rank < total; rank++) {
            int at = (int) (rank % DESCRIPTOR_PIECE) * KdumpPages.descriptorBytes();
            if (at == 0) {
                told = readDescriptors(part, rank, Math.min(rank + DESCRIPTOR_PIECE, total), piece);
            }
            long before = pfn;
            pfn = pages.dumped().nextSet(pfn + 1);
            if (pfn / STEP_PFNS > before / STEP_PFNS) {
                found.settle(pfn);
            }
            if (told && (PageDescriptor.offset(piece, at) == 0 || isBehindEnd(part, piece, at))) {
                lost++;
            } else {
                found.set(pfn);
            }
        }
        return lost;
    }

    /// True if the dump has data of the page.
    boolean isPresent(long pfn) {
        return present.get(pfn);
    }

    /// True if the bytes there are a page of zeroes, which need not be read.
    boolean isZeroBlock(int part, long offset) {
        return zeroFirst[part] && offset == pages.dataOffset();
    }

    /// A reader met a page without data.
    void lost(long pfn) {
        damaged(pfn,
                new CorruptDumpException("[" + name + "] page of pfn " + pfn + ": is missing, though the dump does not "
                        + "say that it was cut short"));
    }

    /// A reader met a page that it cannot read.
    void damaged(long pfn, IOException why) {
        unreadable.add(pfn);
        synchronized (this) {
            if (warned) {
                return;
            }
            warned = true;
        }
        progress.warning(why.getMessage() + "; it is taken for zero, and so is any further page that cannot be read");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (KdumpPart part : parts) {
            names.add(part.name());
        }
        return names;
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
        return pages.blockBytes();
    }

    @Override
    public long maxMapnr() {
        return pages.dumped().size();
    }

    @Override
    public ByteBuffer notes() {
        return notes.asReadOnlyBuffer().order(notes.order());
    }

    @Override
    public Optional<byte[]> vmcoreinfo() {
        return vmcoreinfo.map(byte[]::clone);
    }

    @Override
    public Optional<Long> physBaseOfTextSegment() {
        return Optional.of(parts.getFirst().headers().sub().physBase());
    }

    @Override
    public int dumpLevel() {
        return parts.getFirst().headers().sub().dumpLevel() & MAX_LEVEL;
    }

    @Override
    public void markExisting(PfnRange range, PageBitmap bitmap) {
        mark(pages.existing(), range, bitmap);
    }

    @Override
    public void markPresent(PfnRange range, PageBitmap bitmap) {
        mark(present, range, bitmap);
    }

    @Override
    public PageBitmap newExisting(long size, @Nullable ChunkFile file) throws IOException {
        return PageBitmap.of(size, pages.existing(), file);
    }

    @Override
    public PageBitmap newPresent(long size, @Nullable ChunkFile file) throws IOException {
        return PageBitmap.of(size, present, file);
    }

    private static void mark(PageBitmap from, PfnRange range, PageBitmap to) {
        long end = Math.min(range.end(), from.size());
        long pfn = from.nextSet(range.start(), end);
        while (pfn < end) {
            long clear = from.nextClear(pfn, end);
            to.setRange(pfn, clear);
            pfn = from.nextSet(clear, end);
        }
    }

    @Override
    public boolean isStored(long pfn) {
        return pfn >= 0 && present.get(pfn) && !unreadable.contains(pfn);
    }

    @Override
    public long firstNotStored(long pfn, long end) {
        return pfn < 0 ? pfn : unreadable.first(pfn, present.nextClear(pfn, end));
    }

    @Override
    public PageReader newReader() {
        return new KdumpPageReader(this, pages, present, readData);
    }

    @Override
    public Optional<StoredPages> stored() {
        return Optional.of(new StoredPages(this, pages, parts.getFirst().headers().main()));
    }

    @Override
    public boolean structPagesExcluded() {
        return StorageFlag.EXCLUDED_VMEMMAP.in(parts.getFirst().headers().main().status());
    }

    @Override
    public long unreadablePages() {
        return unreadable.count();
    }

    @Override
    public long missingPages() {
        return lostPages;
    }

    @Override
    public boolean incomplete() {
        return incomplete || unreadable.count() > 0;
    }

    @Override
    public void close() throws IOException {
        for (KdumpPart part : parts) {
            part.file().close();
        }
    }
}
