// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PageRanks;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.codec.PageCodec;
import dev.vmsieve.filter.format.kdump.PageDescriptor;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;

/// Reads physical memory out of a kdump-compressed dump.
///
/// Descriptors are read some hundred at a time, and the data of as many pages as one call wants in one read where they lie
/// side by side. A page that cannot be read or decoded is zero, and told to [KdumpVmcore]. The last page decoded for a
/// read of part of it is kept.
@SuppressWarnings("ReferenceEquality") // a buffer is a marker
final class KdumpPageReader implements PageReader {
    static final int DATA_BYTES = 256 << 10;
    private static final ByteBuffer CLOSED = ByteBuffer.allocate(0);
    private static final long NONE = -1;

    private final KdumpVmcore vmcore;
    private final KdumpPages pages;
    private final PageBitmap present;
    private final BufferPool buffers;
    private final int pageBytes;
    private final int pageShift;
    private final PageCodec[] codecs = new PageCodec[Compression.ZSTD.flag() + 1];

    private final DescriptorWindow descriptors;
    private final PageRanks.Cursor ranks;

    /// Bytes [dataStart, dataEnd) of the part's file.
    private ByteBuffer data;
    private int dataPart = KdumpPages.NO_PART;
    private long dataStart;
    private long dataEnd;
    /// Data before this offset of that part are read page by page: a read of several failed.
    private int alonePart = KdumpPages.NO_PART;
    private long aloneEnd;

    private final ByteBuffer page;
    private long pagePfn = NONE;

    /// @param buffers of [#DATA_BYTES]
    KdumpPageReader(KdumpVmcore vmcore, KdumpPages pages, PageBitmap present, BufferPool buffers) {
        this.vmcore = vmcore;
        this.pages = pages;
        this.present = present;
        this.buffers = buffers;
        this.pageBytes = pages.blockBytes();
        this.pageShift = Integer.numberOfTrailingZeros(pageBytes);
        this.descriptors = new DescriptorWindow(pages, vmcore.byteOrder());
        this.ranks = pages.rankCursor();
        this.data = buffers.take();
        this.page = ByteBuffer.allocateDirect(pageBytes);
    }

    @Override
    public void read(long paddr, ByteBuffer target, int targetOffset, int bytes) throws IOException {
        int done = 0;
        while (done < bytes) {
            long pfn = (paddr + done) >>> pageShift;
            int inPage = (int) (paddr + done) & pageBytes - 1;
            int length = Math.min(bytes - done, pageBytes - inPage);
            int place = targetOffset + done;
            if (!present.get(pfn)) {
                zero(target, place, length);
            } else if (length == pageBytes && target.isDirect()) {
                decode(pfn, (bytes - done) >>> pageShift, target, place);
            } else {
                if (pagePfn != pfn) {
                    pagePfn = NONE;
                    decode(pfn, 1, page, 0);
                    pagePfn = pfn;
                }
                target.put(place, page, inPage, length);
            }
            done += length;
        }
    }

    /// @param wanted pages that the caller is about to ask for, this one included
    private void decode(long pfn, int wanted, ByteBuffer target, int place) throws IOException {
        try {
            int part = pages.partOf(pfn);
            if (!tryDecode(pfn, part, wanted, target, place)) {
                vmcore.lost(pfn);
                zero(target, place, pageBytes);
            }
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException damaged) {
            vmcore.damaged(pfn, damaged);
            zero(target, place, pageBytes);
        }
    }

    /// False for a page that the dump lost when it was cut short.
    private boolean tryDecode(long pfn, int part, int wanted, ByteBuffer target, int place) throws IOException {
        if (part == KdumpPages.NO_PART) {
            return false;
        }
        long rank = pages.rankInPart(part, ranks.below(pfn));
        PageDescriptor descriptor = PageDescriptor.parse(descriptors.bytes(), descriptors.seek(part, rank));
        if (descriptor.missing()) {
            return false;
        }
        DumpFile file = pages.file(part);
        descriptor.check(pages.part(part).name(), pfn, pageBytes, file.size());
        Compression compression = descriptor.compression();
        if (compression == Compression.NONE && vmcore.isZeroBlock(part, descriptor.offset())) {
            zero(target, place, pageBytes);
            return true;
        }
        int at = dataAt(part, rank, wanted, descriptor);
        if (compression == Compression.NONE) {
            target.put(place, data, at, pageBytes);
            return true;
        }
        try {
            codec(compression).decompress(data, at, descriptor.bytes(), target, place, pageBytes);
        } catch (CorruptDumpException broken) {
            throw new CorruptDumpException("[" + pages.part(part).name() + "] page of pfn " + pfn + " at offset 0x"
                    + Long.toHexString(descriptor.offset()) + ": " + broken.getMessage());
        }
        return true;
    }

    /// Where in the buffer of data the page's are.
    private int dataAt(int part, long rank, int wanted, PageDescriptor descriptor) throws IOException {
        long start = descriptor.offset();
        long end = start + descriptor.bytes();
        if (part != dataPart || start < dataStart || end > dataEnd) {
            long runEnd = part == alonePart && start < aloneEnd
                    ? end
                    : endOfRun(rank, wanted, end, start + DATA_BYTES);
            readData(part, start, end, Math.min(runEnd, pages.file(part).size()));
        }
        return (int) (start - dataStart);
    }

    /// Reads [start, runEnd) of the part's data; if the system cannot, the page's own data, up to end, and no more for as
    /// long as that stretch lasts: the page that cannot be read may be any of them.
    private void readData(int part, long start, long end, long runEnd) throws IOException {
        try {
            fill(part, start, runEnd);
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException failed) {
            if (runEnd <= end) {
                throw failed;
            }
            alonePart = part;
            aloneEnd = runEnd;
            fill(part, start, end);
        }
    }

    private void fill(int part, long start, long end) throws IOException {
        dataPart = KdumpPages.NO_PART;
        data.clear().limit((int) (end - start));
        pages.readFully(part, start, data, "page data");
        dataPart = part;
        dataStart = start;
        dataEnd = end;
    }

    /// End of the data that lie side by side, of the page and of those wanted next; pages that share data which lie before
    /// are passed over.
    private long endOfRun(long rank, int wanted, long firstEnd, long limit) {
        long end = firstEnd;
        long last = Math.min(rank + wanted, descriptors.endRank());
        for (long next = rank + 1; next < last; next++) {
            PageDescriptor descriptor = PageDescriptor.parse(descriptors.bytes(), descriptors.at(next));
            boolean follows = descriptor.offset() == end && descriptor.bytes() > 0
                    && descriptor.bytes() <= limit - end;
            if (follows) {
                end += descriptor.bytes();
            } else if (descriptor.offset() >= end) {
                break;
            }
        }
        return end;
    }

    private PageCodec codec(Compression compression) {
        @Nullable
        PageCodec codec = codecs[compression.flag()];
        if (codec == null) {
            codec = compression.newCodec();
            codecs[compression.flag()] = codec;
        }
        return codec;
    }

    private static void zero(ByteBuffer target, int place, int length) {
        int at = place;
        int end = place + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            target.putLong(at, 0);
        }
        for (; at < end; at++) {
            target.put(at, (byte) 0);
        }
    }

    @Override
    public void close() {
        if (data != CLOSED) {
            buffers.giveBack(data);
            data = CLOSED;
        }
        for (PageCodec codec : codecs) {
            if (codec != null) {
                codec.close();
            }
        }
    }
}
