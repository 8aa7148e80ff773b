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
/// there is. A sequential output gets the same bytes, each once: the header without the mark, which only follows as a last
/// write if the input turned out to lack pages.
///
/// Pages of zeroes that are stored become holes of the file where it can have holes.
public final class ElfWriter implements DumpWriter {
    private static final int PIECE_BYTES = 256 << 10;
    /// Fewer pages of zeroes are written: a hole costs a system call.
    private static final int HOLE_PAGES = 16;
    private static final long NO_CUT = Long.MAX_VALUE;

    private final OutputChannel output;
    private final ElfLayout layout;
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
        this.notes = notes;
        this.stored = stored;
        this.pageBytes = pageBytes;
        this.limitBytes = limitBytes;
        this.fileEnd = layout.pageStart(0);
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
        if (layout.pageStart(0) > limitBytes) {
            throw new SizeLimitException(limitBytes, layout.pageStart(0));
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
        write(notes.duplicate(), layout.notesStart());
        long zeroes = layout.notesStart() + notes.remaining();
        write(ByteBuffer.allocateDirect((int) (layout.pageStart(0) - zeroes)), zeroes);
    }

    private ByteBuffer newPiece() {
        return ByteBuffer.allocateDirect(PIECE_BYTES).order(layout.header().byteOrder());
    }

    private void writeProgramHeaders(ByteBuffer piece, long endPaddr) throws IOException {
        ElfLayout.ProgramHeaders headers = layout.programHeaders(endPaddr);
        long offset = layout.header().phoff();
        headers.putNext(piece);
        while (piece.hasRemaining()) {
            int bytes = piece.remaining();
            write(piece, offset);
            offset += bytes;
            headers.putNext(piece);
        }
    }

    @Override
    public boolean place(PageBatch batch) {
        int before = batch.pages();
        while (batch.pages() > 0 && layout.pageStart(batch.firstRank() + batch.pages()) > limitBytes) {
            batch.dropLast();
        }
        batch.place(layout.pageStart(batch.firstRank()));
        fileEnd = layout.pageStart(batch.firstRank() + batch.pages());
        placedPages += batch.pages();
        return batch.pages() == before;
    }

    /// One write for all that is no hole.
    @Override
    public void write(PageBatch batch) throws IOException {
        int start = 0;
        int end = 0;
        while (end < batch.pages()) {
            int runStart = end;
            do {
                end++;
            } while (end < batch.pages() && batch.shared(end) == batch.shared(runStart));
            if (batch.shared(runStart) && leavesHole(batch, runStart, end)) {
                write(batch, start, runStart);
                start = end;
            }
        }
        write(batch, start, end);
    }

    /// Whether pages of zeroes need not be written. The file's last page makes its size.
    private boolean leavesHole(PageBatch batch, int start, int end) {
        return output.sparse() && end - start >= HOLE_PAGES && batch.firstRank() + end < layout.pages();
    }

    private void write(PageBatch batch, int start, int end) throws IOException {
        if (start < end) {
            int from = start * pageBytes;
            write(batch.data().clear().position(from).limit(end * pageBytes), batch.dataOffset() + from);
        }
    }

    @Override
    public boolean sequential() {
        return output.sequential();
    }

    @Override
    public void finish(boolean incomplete) throws IOException {
        output.force();
        int flags = layout.header().flags() | (incomplete ? ElfHeader.INCOMPLETE : 0);
        if (!output.sequential() || flags != layout.header().flags()) {
            writeFlags(flags);
            output.force();
        }
        output.end();
    }

    /// The file's end is cut off first: on a full disk that makes room.
    @Override
    public void abandon(long pages, long end) throws IOException {
        fileEnd = layout.pageStart(pages);
        if (output.sequential()) {
            output.force();
            return;
        }
        writeFlags(layout.header().flags() | ElfHeader.INCOMPLETE);
        output.truncate(fileEnd);
        writeProgramHeaders(newPiece(), endOfFirst(pages) * pageBytes);
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
