// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Searches memory for the VMCOREINFO note that a kernel with crash dump support keeps there: for dumps that came without
/// it, such as those of QEMU's dump-guest-memory.
///
/// A find is an ELF note header (namesz 11, type 0, name VMCOREINFO) whose text begins with OSRELEASE=. Memory may hold
/// several, stale ones among them: the caller takes the one that proves itself. One instance a thread.
public final class VmcoreinfoScan implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;
    private static final long WINDOW_PAGES = 1 << 20;
    private static final int MOST_TEXT_BYTES = 1 << 16;
    private static final int NAME_AT = 12;
    private static final int TEXT_AT = 24;
    private static final byte[] NAME = "VMCOREINFO\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TEXT = "OSRELEASE=".getBytes(StandardCharsets.US_ASCII);
    /// "VMCOREIN" and its first half, little-endian.
    private static final long NAME_START = 0x4e49_4552_4f43_4d56L;
    private static final int NAME_HALF = (int) NAME_START;

    private final Vmcore vmcore;
    private final PageReader reader;
    private final int pageShift;
    private final ByteBuffer head;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    /// The chunk holds memory from here on, and is searched up to the offset.
    private long chunkPaddr;
    private int chunkBytes;
    private int at;
    private long nextPfn;
    /// Which pages are stored, for the pfns from windowStart to windowEnd.
    private PageBitmap present = new PageBitmap(0);
    private long windowStart;
    private long windowEnd;

    /// Starts at physical address 0.
    public VmcoreinfoScan(Vmcore vmcore) {
        this.vmcore = vmcore;
        this.reader = vmcore.newReader();
        this.pageShift = Integer.numberOfTrailingZeros(vmcore.pageBytes());
        this.head = ByteBuffer.allocateDirect(TEXT_AT + TEXT.length).order(vmcore.byteOrder());
    }

    /// The next find, in ascending order of physical addresses; empty when memory is searched through.
    public Optional<Vmcoreinfo> next() throws IOException {
        do {
            while (at < chunkBytes) {
                long word = chunk.getLong(at);
                long paddr = chunkPaddr + at;
                at += Long.BYTES;
                if (word == NAME_START || (int) (word >>> Integer.SIZE) == NAME_HALF) {
                    Optional<Vmcoreinfo> found = check(paddr + (word == NAME_START ? 0 : Integer.BYTES) - NAME_AT);
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
        } while (nextChunk());
        return Optional.empty();
    }

    /// Reads the next run of stored pages, a chunk at most.
    private boolean nextChunk() throws IOException {
        long start = nextStored();
        if (start >= vmcore.maxMapnr()) {
            return false;
        }
        long end = present.nextClear(start, Math.min(windowEnd, start + (CHUNK_BYTES >>> pageShift)));
        chunkPaddr = start << pageShift;
        chunkBytes = (int) ((end - start) << pageShift);
        at = 0;
        nextPfn = end;
        reader.read(chunkPaddr, chunk, 0, chunkBytes);
        return true;
    }

    private long nextStored() {
        while (nextPfn < vmcore.maxMapnr()) {
            if (nextPfn >= windowEnd) {
                openWindow();
            }
            long found = present.nextSet(nextPfn, windowEnd);
            if (found < windowEnd) {
                return found;
            }
            nextPfn = windowEnd;
        }
        return nextPfn;
    }

    /// A bitmap that a window marked is thrown away, so that only one window's bits are held at a time.
    private void openWindow() {
        if (present.size() == 0 || present.nextSet(windowStart, windowEnd) < windowEnd) {
            present = new PageBitmap(vmcore.maxMapnr());
        }
        windowStart = nextPfn & -WINDOW_PAGES;
        windowEnd = Math.min(windowStart + WINDOW_PAGES, vmcore.maxMapnr());
        vmcore.markPresent(new PfnRange(windowStart, windowEnd), present);
    }

    private Optional<Vmcoreinfo> check(long paddr) throws IOException {
        if (paddr < 0) {
            return Optional.empty();
        }
        reader.read(paddr, head, 0, head.capacity());
        int textBytes = head.getInt(4);
        if (head.getInt(0) != NAME.length || head.getInt(8) != 0 || !holds(NAME_AT, NAME) || !holds(TEXT_AT, TEXT)
                || textBytes < TEXT.length || textBytes > MOST_TEXT_BYTES) {
            return Optional.empty();
        }
        ByteBuffer area = ByteBuffer.allocateDirect(textBytes);
        reader.read(paddr + TEXT_AT, area, 0, textBytes);
        byte[] text = new byte[textBytes];
        area.get(0, text);
        return Optional.of(Vmcoreinfo.parse(vmcore.name() + ", note in memory at 0x" + Long.toHexString(paddr), text));
    }

    private boolean holds(int offset, byte[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (head.get(offset + i) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        reader.close();
    }
}
