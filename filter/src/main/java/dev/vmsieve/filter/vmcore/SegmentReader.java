// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.io.DumpFile;

/// Reads physical memory out of a file's segments.
///
/// A run that one segment stores is one read of the file, straight into the caller's buffer. If that fails the run is read
/// again page by page, and what still fails is zero. Guarded by CollectBenchmark.
final class SegmentReader implements PageReader {
    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(1 << 16).asReadOnlyBuffer();

    private final DumpFile file;
    private final StoredRanges stored;
    private final UnreadablePages unreadable;
    private final int pageShift;
    /// The last target and a view of it, so that the caller's position and limit stay as they are.
    private @Nullable ByteBuffer target;
    private ByteBuffer view = ZEROES;
    /// The range that was read last, and where it is in the file: mostly the next read is of it too.
    private long rangeStart;
    private long rangeEnd;
    private long rangeOffset;

    SegmentReader(DumpFile file, StoredRanges stored, UnreadablePages unreadable, int pageBytes) {
        this.file = file;
        this.stored = stored;
        this.unreadable = unreadable;
        this.pageShift = Integer.numberOfTrailingZeros(pageBytes);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the same buffer, not one with the same bytes
    public void read(long paddr, ByteBuffer target, int targetOffset, int bytes) throws IOException {
        if (this.target != target) {
            this.target = target;
            this.view = target.duplicate();
        }
        view.clear();
        if (paddr >= rangeStart && bytes <= rangeEnd - paddr) {
            readRange(rangeOffset + paddr - rangeStart, paddr, targetOffset, bytes);
            return;
        }
        long end = paddr + bytes;
        long at = paddr;
        int range = stored.firstEndingAfter(paddr);
        while (at < end) {
            int place = targetOffset + (int) (at - paddr);
            long start = range < stored.count() ? Math.min(stored.start(range), end) : end;
            if (start > at) {
                zero(place, (int) (start - at));
                at = start;
            } else {
                int length = (int) (Math.min(stored.end(range), end) - at);
                rangeStart = stored.start(range);
                rangeEnd = stored.end(range);
                rangeOffset = stored.fileOffset(range);
                readRange(rangeOffset + at - rangeStart, at, place, length);
                at += length;
                range++;
            }
        }
    }

    private void readRange(long offset, long paddr, int place, int length) throws IOException {
        if (!tryRead(offset, place, length)) {
            readPageByPage(offset, paddr, place, length);
        }
    }

    private boolean tryRead(long offset, int place, int length) throws IOException {
        view.limit(place + length).position(place);
        try {
            return file.tryRead(offset, view);
        } finally {
            view.clear();
        }
    }

    private void readPageByPage(long offset, long paddr, int place, int length) throws IOException {
        int done = 0;
        while (done < length) {
            long pfn = (paddr + done) >>> pageShift;
            int part = (int) Math.min(length - done, ((pfn + 1) << pageShift) - paddr - done);
            if (unreadable.contains(pfn) || !tryRead(offset + done, place + done, part)) {
                zero(place + done, part);
                unreadable.add(pfn);
            }
            done += part;
        }
    }

    private void zero(int place, int length) {
        for (int done = 0; done < length;) {
            int part = Math.min(length - done, ZEROES.capacity());
            view.put(place + done, ZEROES, 0, part);
            done += part;
        }
    }

    @Override
    public void close() {
        target = null;
        view = ZEROES;
    }
}
