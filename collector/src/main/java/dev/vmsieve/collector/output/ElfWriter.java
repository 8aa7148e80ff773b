// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.format.elf.ElfHeader;

/// Writes an ELF dump; [ElfLayout] says what lies where, so every batch has its place beforehand.
///
/// The ELF header is written first, with bit 0 of e_flags as the mark of an incomplete dump, and the mark is removed last,
/// after all else is on the disk. If the dump ends early, the program headers are written again and promise no more than
/// there is. A sequential output gets the same bytes, each once: the header without the mark.
///
/// Pages of zeroes that are stored become holes of the file where it can have holes.
public final class ElfWriter implements DumpWriter {
    private static final int PIECE_BYTES = 256 << 10;
    /// Fewer pages of zeroes are written: a hole costs a system call.
    private static final int HOLE_PAGES = 16;
    private static final long NO_CUT = Long.MAX_VALUE;

    private final OutputChannel output;
    private final ElfLayout layout;
    private final StoredRuns runs;
    private final ByteBuffer notes;
    private final PageBitmap stored;
    private final int pageBytes;
    private final long limitBytes;
    private final AtomicLong writtenBytes = new AtomicLong();
    /// Written by [#place], so by one thread at a time under one lock; read when all threads have ended.
    private long placedPages;
    private long fileEnd;

    /// A writer to that output.
    ///
    /// @param notes contents of the notes, from position to limit
    /// @param stored the pages that the layout stores
    /// @param limitBytes largest size the file may have
    public ElfWriter(OutputChannel output, ElfLayout layout, ByteBuffer notes, PageBitmap stored, int pageBytes,
            long limitBytes) {
        this.output = output;
        this.layout = layout;
        this.runs = layout.runs();
        this.notes = notes;
        this.stored = stored;
        this.pageBytes = pageBytes;
        this.limitBytes = limitBytes;
        this.fileEnd = runs.gapStart(0);
    }

    @Override
    public PageBatch newBatch(int maxPages, int slackBytes) {
        return new PageBatch(maxPages, pageBytes, 0, 0, layout.header().byteOrder());
    }

    @Override
    public boolean takesStoredForms() {
        return false;
    }

    @Override
    public boolean storesWholePages() {
        return true;
    }

    /// The program headers name all pages from the start: of a file whose writer is killed, readers find what is there, and
    /// miss what it ends before. Sizes that come last would hide all of it.
    @Override
    public void start() throws IOException {
        if (runs.gapStart(0) > limitBytes) {
            throw new SizeLimitException(limitBytes, runs.gapStart(0));
        }
        ElfHeader header = layout.header();
        ByteBuffer piece = newPiece();
        header.put(piece);
        if (!output.sequential()) {
            piece.putInt(ElfHeader.flagsOffset(header.wordBytes()), header.flags() | ElfHeader.INCOMPLETE);
        }
        write(piece.limit((int) header.phoff()), 0);
        writeProgramHeaders(newPiece(), NO_CUT);
        if (header.sectionHeaderBytes() > 0) {
            ByteBuffer section = newPiece();
            header.putSectionHeader(section);
            write(section.limit(header.sectionHeaderBytes()), header.programHeadersEnd());
        }
        if (notes.hasRemaining()) {
            write(notes.duplicate(), layout.notesStart());
        }
    }

    private ByteBuffer newPiece() {
        return ByteBuffer.allocateDirect(PIECE_BYTES).order(layout.header().byteOrder());
    }

    private void writeProgramHeaders(ByteBuffer piece, long endPaddr) throws IOException {
        ElfHeader header = layout.header();
        int size = header.phentsize();
        int most = piece.capacity() / size;
        for (long first = 0; first < header.phnum(); first += most) {
            int number = (int) Math.min(most, header.phnum() - first);
            piece.clear().limit(number * size);
            for (int i = 0; i < number; i++) {
                layout.putProgramHeader((int) first + i, endPaddr, piece, i * size);
            }
            write(piece, header.phoff() + first * size);
        }
    }

    @Override
    public boolean place(PageBatch batch) {
        int before = batch.pages();
        long end = endOf(batch);
        while (end > limitBytes && batch.pages() > 0) {
            batch.dropLast();
            end = endOf(batch);
        }
        batch.place(fileEnd);
        fileEnd = Math.max(fileEnd, end);
        placedPages += batch.pages();
        return batch.pages() == before;
    }

    private long endOf(PageBatch batch) {
        return batch.pages() == 0 ? 0 : runs.fileEndBelow((batch.pfn(batch.pages() - 1) + 1) * pageBytes);
    }

    /// One write for all that lies side by side in the file, as nearly all of a batch does.
    @Override
    public void write(PageBatch batch) throws IOException {
        Stretch stretch = new Stretch(batch.data());
        int start = 0;
        while (start < batch.pages()) {
            int end = start + 1;
            while (end < batch.pages() && batch.pfn(end) == batch.pfn(end - 1) + 1
                    && batch.shared(end) == batch.shared(start)) {
                end++;
            }
            if (!batch.shared(start) || !leavesHole(batch, start, end)) {
                write(batch, start, end, stretch);
            }
            start = end;
        }
        stretch.flush();
    }

    /// Whether pages of zeroes need not be written. The file's last page makes its size.
    private boolean leavesHole(PageBatch batch, int start, int end) {
        return output.sparse() && end - start >= HOLE_PAGES
                && (batch.pfn(end - 1) + 1) * pageBytes < runs.end(runs.count() - 1);
    }

    /// Writes pages with consecutive pfns, of each just the bytes that some run has.
    private void write(PageBatch batch, int start, int end, Stretch stretch) throws IOException {
        long from = batch.pfn(start) * pageBytes;
        long to = from + (long) (end - start) * pageBytes;
        int run = runs.firstEndingAfter(from);
        while (run < runs.count() && runs.start(run) < to) {
            long first = Math.max(from, runs.start(run));
            long last = Math.min(to, runs.end(run));
            if (first == runs.start(run) && !output.sparse()) {
                stretch.flush();
                writeZeroes(runs.gapStart(run), runs.offset(run));
            }
            stretch.add((int) (start * (long) pageBytes + first - from), (int) (last - first),
                    runs.offsetOf(run, first));
            run++;
        }
    }

    /// Less than a page: the gap before a run.
    private void writeZeroes(long start, long end) throws IOException {
        if (start < end) {
            write(ByteBuffer.allocateDirect((int) (end - start)), start);
        }
    }

    /// Bytes of a batch that lie side by side, there as in the file, and are not written yet.
    private final class Stretch {
        private final ByteBuffer data;
        private int from;
        private int bytes;
        private long offset;

        Stretch(ByteBuffer data) {
            this.data = data;
        }

        void add(int at, int number, long place) throws IOException {
            if (at != from + bytes || place != offset + bytes) {
                flush();
                from = at;
                offset = place;
            }
            bytes += number;
        }

        void flush() throws IOException {
            if (bytes > 0) {
                write(data.clear().position(from).limit(from + bytes), offset);
                bytes = 0;
            }
        }
    }

    @Override
    public boolean sequential() {
        return output.sequential();
    }

    @Override
    public void finish() throws IOException {
        output.force();
        if (!output.sequential()) {
            writeFlags(layout.header().flags());
            output.force();
        }
        output.end();
    }

    /// The file's end is cut off first: on a full disk that makes room.
    @Override
    public void abandon(long pages, long end) throws IOException {
        long endPaddr = endOfFirst(pages) * pageBytes;
        fileEnd = runs.fileEndBelow(endPaddr);
        if (output.sequential()) {
            output.force();
            return;
        }
        writeFlags(layout.header().flags() | ElfHeader.INCOMPLETE);
        output.truncate(fileEnd);
        writeProgramHeaders(newPiece(), endPaddr);
        output.extend(fileEnd);
        output.force();
    }

    private void writeFlags(int flags) throws IOException {
        ElfHeader header = layout.header();
        ByteBuffer field = ByteBuffer.allocateDirect(Integer.BYTES).order(header.byteOrder());
        write(field.putInt(0, flags), ElfHeader.flagsOffset(header.wordBytes()));
    }

    /// The pfn behind the first stored pages, so many of them.
    private long endOfFirst(long pages) {
        long left = pages;
        long end = 0;
        while (left > 0) {
            long pfn = stored.nextSet(end);
            end = Math.min(stored.nextClear(pfn, stored.size()), pfn + left);
            left -= end - pfn;
        }
        return end;
    }

    @Override
    public WriteCounts counts() {
        return new WriteCounts(placedPages, 0, placedPages, fileEnd, writtenBytes.get());
    }

    private void write(ByteBuffer source, long offset) throws IOException {
        writtenBytes.addAndGet(source.remaining());
        output.write(source, offset);
    }
}
