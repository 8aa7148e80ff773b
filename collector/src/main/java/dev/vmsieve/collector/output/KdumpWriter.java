// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;
import java.nio.ByteBuffer;

import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.format.kdump.KdumpFormat;
import dev.vmsieve.filter.format.kdump.KdumpHeaders;
import dev.vmsieve.filter.format.kdump.KdumpLayout;
import dev.vmsieve.filter.format.kdump.PageDescriptor;
import dev.vmsieve.filter.format.kdump.StorageFlag;

/// Writes a kdump-compressed file; [KdumpFormat] is its grammar.
///
/// Data lie by pfn, without gaps, right behind the descriptors. The first block of them is one zero page, which all
/// zero pages' descriptors point to, at every dump level: a reader looks at nothing but the descriptor.
///
/// The main header is written first, marked incomplete, and the mark is removed last, after all else is on the disk.
/// Descriptors of pages not yet written are zero, which readers take for a missing page; so what a sudden end leaves
/// can be analysed.
///
/// A sequential output gets the same bytes, each once: the header without the mark, and the descriptors of a batch
/// behind its data. Only if the input turned out to lack pages the mark follows as a last write.
public final class KdumpWriter implements DumpWriter {
    /// Bytes handed to the system at once, bitmaps and padding.
    private static final int PIECE_BYTES = 256 << 10;

    private final OutputChannel output;
    private final KdumpHeaders headers;
    private final ByteBuffer notes;
    private final DumpBitmaps bitmaps;
    private final long limitBytes;
    private final KdumpLayout layout;
    private final long zeroPageOffset;

    /// Written by [#place], so by one thread at a time under one lock; read when all threads have ended.
    private long dataEnd;
    private long placedPages;
    private long sharedPages;
    private long rawPages;
    private long writtenBytes;

    /// A writer to that output.
    ///
    /// @param headers both headers, the status with its incomplete bit only if the input is known to lack pages
    /// @param notes contents of the notes, from position to limit
    /// @param pages number of bits in the 2nd bitmap
    /// @param limitBytes largest size the file may have
    public KdumpWriter(OutputChannel output, KdumpHeaders headers, ByteBuffer notes, DumpBitmaps bitmaps, long pages,
            long limitBytes) {
        this.output = output;
        this.headers = headers;
        this.notes = notes;
        this.bitmaps = bitmaps;
        this.limitBytes = limitBytes;
        this.layout = headers.layout();
        this.zeroPageOffset = layout.descriptorOffset(pages);
        this.dataEnd = zeroPageOffset + layout.blockBytes();
    }

    @Override
    public PageBatch newBatch(int maxPages, int slackBytes) {
        return new PageBatch(maxPages, layout.blockBytes(), slackBytes, KdumpFormat.DESCRIPTOR_BYTES,
                headers.order());
    }

    @Override
    public boolean takesStoredForms() {
        return true;
    }

    @Override
    public void start() throws IOException {
        if (dataEnd > limitBytes) {
            throw new SizeLimitException(limitBytes, dataEnd);
        }
        ByteBuffer piece = ByteBuffer.allocateDirect(Math.max(PIECE_BYTES, layout.blockBytes()))
                .order(headers.order());
        writeMainHeader(piece);
        writeSubHeader(piece);
        writeBitmap(piece, bitmaps.existing(), layout.firstBitmapOffset());
        writeBitmap(piece, bitmaps.dumpable(), layout.secondBitmapOffset());
        if (!output.sparse() && !output.sequential()) {
            writeZeroes(piece, layout.descriptorsOffset(), zeroPageOffset);
        }
        writeZeroes(piece, zeroPageOffset, dataEnd);
    }

    @Override
    public boolean place(PageBatch batch) {
        boolean shortened = batch.shorten(limitBytes - dataEnd);
        batch.place(dataEnd);
        dataEnd += batch.dataBytes();
        placedPages += batch.pages();
        writtenBytes += batch.dataBytes() + (long) batch.pages() * KdumpFormat.DESCRIPTOR_BYTES;
        for (int i = 0; i < batch.pages(); i++) {
            if (batch.shared(i)) {
                sharedPages++;
            } else if (batch.flags(i) == 0) {
                rawPages++;
            }
        }
        return !shortened;
    }

    /// Data first: no descriptor ever points to what is not there.
    @Override
    public void write(PageBatch batch) throws IOException {
        if (batch.pages() == 0) {
            return;
        }
        if (batch.dataBytes() > 0) {
            ByteBuffer data = batch.data().clear().limit(batch.dataBytes());
            output.write(data, batch.dataOffset());
        }
        ByteBuffer descriptors = batch.descriptors().clear();
        describe(batch, descriptors);
        output.write(descriptors.limit(batch.pages() * KdumpFormat.DESCRIPTOR_BYTES),
                layout.descriptorOffset(batch.firstRank()));
    }

    private void describe(PageBatch batch, ByteBuffer descriptors) {
        int blockBytes = layout.blockBytes();
        long offset = batch.dataOffset();
        for (int i = 0; i < batch.pages(); i++) {
            int at = i * KdumpFormat.DESCRIPTOR_BYTES;
            if (batch.shared(i)) {
                PageDescriptor.put(descriptors, at, zeroPageOffset, blockBytes, 0);
            } else {
                PageDescriptor.put(descriptors, at, offset, batch.storedBytes(i), batch.flags(i));
                offset += batch.storedBytes(i);
            }
        }
    }

    @Override
    public boolean sequential() {
        return output.sequential();
    }

    @Override
    public void finish(boolean incomplete) throws IOException {
        output.force();
        int status = headers.main().status() | (incomplete ? StorageFlag.INCOMPLETE.bit() : 0);
        if (!output.sequential() || status != headers.main().status()) {
            writeStatus(status);
            output.force();
        }
        output.end();
    }

    /// The file's end is cut off first: on a full disk that makes room for the descriptors' zeroes.
    @Override
    public void abandon(long pages, long end) throws IOException {
        dataEnd = Math.max(end, zeroPageOffset + layout.blockBytes());
        if (output.sequential()) {
            output.force();
            return;
        }
        writeStatus(headers.main().status() | StorageFlag.INCOMPLETE.bit());
        output.truncate(dataEnd);
        writeZeroes(ByteBuffer.allocateDirect(PIECE_BYTES), layout.descriptorOffset(pages),
                layout.descriptorOffset(placedPages));
        output.force();
    }

    private void writeStatus(int status) throws IOException {
        ByteBuffer field = ByteBuffer.allocateDirect(Integer.BYTES).order(headers.order());
        write(field.putInt(0, status), KdumpFormat.STATUS_OFFSET);
    }

    @Override
    public WriteCounts counts() {
        return new WriteCounts(placedPages, sharedPages, rawPages, dataEnd, writtenBytes);
    }

    private void writeMainHeader(ByteBuffer piece) throws IOException {
        zero(piece, layout.blockBytes());
        headers.main().write(piece);
        int mark = output.sequential() ? 0 : StorageFlag.INCOMPLETE.bit();
        piece.putInt(KdumpFormat.STATUS_OFFSET, headers.main().status() | mark);
        write(piece.limit(layout.blockBytes()), 0);
    }

    private void writeSubHeader(ByteBuffer piece) throws IOException {
        zero(piece, KdumpFormat.SUB_HEADER_BYTES);
        headers.sub().write(piece, 0);
        write(piece.limit(KdumpFormat.SUB_HEADER_BYTES), layout.subHeaderOffset());
        if (notes.hasRemaining()) {
            write(notes.duplicate(), layout.notesOffset());
        }
        long end = layout.notesOffset() + notes.remaining();
        writeZeroes(piece, end, layout.firstBitmapOffset());
    }

    /// Leaves out pieces that are all zero, where the output has zeroes there by itself.
    private void writeBitmap(ByteBuffer piece, PageBitmap bitmap, long offset) throws IOException {
        long at = 0;
        while (at < layout.bitmapBytes()) {
            if (output.sparse()) {
                at = Math.max(at, bitmap.nextSet(at * Byte.SIZE) / Byte.SIZE & -PIECE_BYTES);
            }
            long bytes = Math.min(PIECE_BYTES, layout.bitmapBytes() - at);
            if (bytes > 0) {
                piece.clear().limit((int) bytes);
                bitmap.copyBytes(at, piece);
                write(piece.flip(), offset + at);
            }
            at += PIECE_BYTES;
        }
    }

    private void writeZeroes(ByteBuffer piece, long start, long end) throws IOException {
        if (start < end) {
            zero(piece, (int) Math.min(piece.capacity(), end - start));
        }
        for (long at = start; at < end; at += piece.capacity()) {
            piece.clear().limit((int) Math.min(piece.capacity(), end - at));
            write(piece, at);
        }
    }

    private void write(ByteBuffer source, long offset) throws IOException {
        writtenBytes += source.remaining();
        output.write(source, offset);
    }

    /// Zeroes the buffer's first bytes, up to a multiple of 8, and clears position and limit.
    private static void zero(ByteBuffer buffer, int bytes) {
        buffer.clear();
        for (int at = 0; at < bytes; at += Long.BYTES) {
            buffer.putLong(at, 0);
        }
    }
}
