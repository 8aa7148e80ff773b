// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.format.kdump.KdumpFormat;
import dev.vmsieve.filter.format.kdump.KdumpLayout;
import dev.vmsieve.filter.format.kdump.KdumpPart;
import dev.vmsieve.filter.format.kdump.PageDescriptor;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.progress.Progress;

/// The pages of a split dump's parts, and their way into one file: descriptors re-based, data as they are.
///
/// Descriptors are handled some thousands at a time; data that lie side by side in a part are copied in one run.
final class PartPages {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int CHUNK = 1 << 13;
    private static final int ZERO_LEVEL_BIT = 1;

    private final List<KdumpPart> parts;
    private final KdumpLayout layout;
    private final OutputFile output;
    private final Progress progress;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer descriptors;
    /// Set bits of the 2nd bitmap in each part's range.
    private final long[] counts;
    /// True for a part whose first data block is a zero page.
    private final boolean[] zeroFirst;
    /// The part whose bitmaps count.
    private KdumpPart reference;
    private long total;
    private long zeroOffset;
    private boolean shareZero;
    private long dataEnd;
    private long missing;
    /// The run of data in the part under way that is not copied yet, and its place in the output.
    private long runStart;
    private long runEnd;

    PartPages(List<KdumpPart> parts, OutputFile output, Progress progress) {
        this.parts = parts;
        this.reference = parts.getFirst();
        this.layout = reference.headers().layout();
        this.output = output;
        this.progress = progress;
        this.counts = new long[parts.size()];
        this.zeroFirst = new boolean[parts.size()];
        this.descriptors = ByteBuffer.allocateDirect(CHUNK * KdumpFormat.DESCRIPTOR_BYTES)
                .order(parts.getFirst().headers().order());
    }

    /// The part whose headers and bitmaps are those of the whole.
    KdumpPart reference() {
        return reference;
    }

    /// Number of descriptors.
    long total() {
        return total;
    }

    /// Descriptors that point to nothing.
    long missing() {
        return missing;
    }

    /// Where the data end in the output.
    long dataEnd() {
        return dataEnd;
    }

    /// Counts the pages, and checks that the descriptors of each part lie in its file.
    void count() throws IOException {
        findReference();
        for (int i = 0; i < parts.size(); i++) {
            counts[i] = countBits(parts.get(i).range());
            total += counts[i];
        }
        zeroOffset = layout.descriptorOffset(total);
        boolean all = true;
        for (int i = 0; i < parts.size(); i++) {
            KdumpPart part = parts.get(i);
            part.headers().checkDescriptors(part.name(), counts[i], part.file().size());
            zeroFirst[i] = isZeroBlock(part);
            all &= zeroFirst[i];
        }
        shareZero = all || (parts.getFirst().headers().sub().dumpLevel() & ZERO_LEVEL_BIT) != 0;
    }

    /// The first part; of parts cut short the one with the fullest bitmap, since makedumpfile clears those bits of a part
    /// for whose pages there was no room.
    private void findReference() throws IOException {
        if (!reference.headers().incomplete()) {
            return;
        }
        var all = new PfnRange(0, reference.headers().maxMapnr());
        long most = -1;
        for (KdumpPart part : parts) {
            long bits = countBits(part, all);
            if (bits > most) {
                most = bits;
                reference = part;
            }
        }
    }

    private long countBits(PfnRange range) throws IOException {
        return countBits(reference, range);
    }

    /// Bits of the part's 2nd bitmap in the range.
    private long countBits(KdumpPart part, PfnRange range) throws IOException {
        long bits = 0;
        ByteBuffer bytes = piece;
        long start = range.start() / Long.SIZE * Long.BYTES;
        long end = (range.end() + Long.SIZE - 1) / Long.SIZE * Long.BYTES;
        for (long at = start; at < end; at += PIECE_BYTES) {
            int length = (int) Math.min(PIECE_BYTES, end - at);
            readFully(part, layout.secondBitmapOffset() + at, length, "2nd bitmap");
            for (int i = 0; i < length; i += Long.BYTES) {
                long pfn = (at + i) * Byte.SIZE;
                long word = bytes.getLong(i);
                if (pfn < range.start()) {
                    word &= -1L << range.start();
                }
                if (pfn + Long.SIZE > range.end()) {
                    word &= -1L >>> -range.end();
                }
                bits += Long.bitCount(word);
            }
        }
        return bits;
    }

    private boolean isZeroBlock(KdumpPart part) throws IOException {
        piece.clear().limit(layout.blockBytes());
        if (part.file().read(zeroOffset, piece) < layout.blockBytes()) {
            return false;
        }
        for (int at = 0; at < layout.blockBytes(); at += Long.BYTES) {
            if (piece.getLong(at) != 0) {
                return false;
            }
        }
        return true;
    }

    /// Checks that all parts know the same pages; parts cut short may know fewer.
    void checkSameBitmaps() throws IOException {
        ByteBuffer other = ByteBuffer.allocateDirect(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        boolean mayLack = reference.headers().incomplete();
        for (KdumpPart part : parts) {
            for (long at = layout.firstBitmapOffset(); at < layout.descriptorsOffset(); at += PIECE_BYTES) {
                int length = (int) Math.min(PIECE_BYTES, layout.descriptorsOffset() - at);
                readFully(reference, at, length, "bitmaps");
                part.file().read(at, other.clear().limit(length));
                if (!other.flip().equals(piece.rewind()) && !(mayLack && isSubset(other, piece, length))) {
                    throw new CorruptDumpException("[" + part.name() + "] kdump bitmaps: must be those of ["
                            + reference.name() + "] but are of another dump");
                }
            }
        }
    }

    private static boolean isSubset(ByteBuffer some, ByteBuffer all, int length) {
        for (int at = 0; at < length; at += Long.BYTES) {
            if (some.limit() < length || (some.getLong(at) & ~all.getLong(at)) != 0) {
                return false;
            }
        }
        return true;
    }

    /// Copies the pages of all parts, data before the descriptors that point to them.
    void copy() throws IOException {
        dataEnd = zeroOffset;
        if (shareZero) {
            piece.clear().limit(layout.blockBytes());
            for (int at = 0; at < layout.blockBytes(); at += Long.BYTES) {
                piece.putLong(at, 0);
            }
            write(zeroOffset, piece);
            dataEnd += layout.blockBytes();
        }
        long rank = 0;
        for (int i = 0; i < parts.size(); i++) {
            for (long done = 0; done < counts[i]; done += CHUNK) {
                int chunk = (int) Math.min(CHUNK, counts[i] - done);
                copyChunk(i, done, chunk, rank);
                rank += chunk;
                progress.advance(chunk);
            }
        }
    }

    /// @param done descriptors of the part handled before
    /// @param rank descriptors of all parts handled before
    private void copyChunk(int index, long done, int chunk, long rank) throws IOException {
        KdumpPart part = parts.get(index);
        descriptors.clear().limit(chunk * KdumpFormat.DESCRIPTOR_BYTES);
        if (part.file().read(layout.descriptorOffset(done), descriptors) < descriptors.limit()) {
            throw new CorruptDumpException("[" + part.name() + "] kdump page descriptors: end within the file");
        }
        runStart = 0;
        runEnd = 0;
        long placed = dataEnd;
        for (int i = 0; i < chunk; i++) {
            int at = i * KdumpFormat.DESCRIPTOR_BYTES;
            PageDescriptor page = PageDescriptor.parse(descriptors, at);
            boolean shared = shareZero && zeroFirst[index] && page.offset() == zeroOffset && isStored(page);
            if (page.missing()) {
                missing++;
            } else if (!shared) {
                check(page, index, done + i);
                addToRun(part, page);
                descriptors.putLong(at, placed);
                placed += page.bytes();
            }
        }
        copyRun(part);
        write(layout.descriptorOffset(rank), descriptors.flip());
    }

    private boolean isStored(PageDescriptor page) {
        return page.compression() == Compression.NONE && page.bytes() == layout.blockBytes();
    }

    private void check(PageDescriptor page, int index, long rank) throws IOException {
        KdumpPart part = parts.get(index);
        try {
            page.check(part.name(), 0, layout.blockBytes(), part.file().size());
        } catch (CorruptDumpException damaged) {
            page.check(part.name(), pfnOf(part.range(), rank), layout.blockBytes(), part.file().size());
            throw damaged;
        }
    }

    /// The pfn in the range with that many set bits of the 2nd bitmap below it in the range; for a message, so slow.
    private long pfnOf(PfnRange range, long rank) throws IOException {
        long low = range.start();
        long high = range.end();
        while (high - low > 1) {
            long middle = (low + high) >>> 1;
            if (countBits(new PfnRange(range.start(), middle)) > rank) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return low;
    }

    private void addToRun(KdumpPart part, PageDescriptor page) throws IOException {
        if (page.offset() != runEnd) {
            copyRun(part);
            runStart = page.offset();
            runEnd = runStart;
        }
        runEnd += page.bytes();
    }

    private void copyRun(KdumpPart part) throws IOException {
        while (runStart < runEnd) {
            int length = (int) Math.min(PIECE_BYTES, runEnd - runStart);
            readFully(part, runStart, length, "page data");
            write(dataEnd, piece);
            dataEnd += length;
            runStart += length;
        }
    }

    private void readFully(KdumpPart part, long offset, int length, String what) throws IOException {
        piece.clear().limit(length);
        if (part.file().read(offset, piece) < length) {
            throw new CorruptDumpException("[" + part.name() + "] kdump " + what + ": " + length + " bytes at offset 0x"
                    + Long.toHexString(offset) + " are not all there");
        }
        piece.rewind();
    }

    private void write(long at, ByteBuffer bytes) throws IOException {
        try {
            output.write(at, bytes);
        } catch (IOException refused) {
            throw output.incomplete(refused);
        }
    }
}
