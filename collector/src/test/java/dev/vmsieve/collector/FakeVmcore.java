// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.progress.PageCounts;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.PagePattern;

/// A vmcore without a file: each page's pattern follows from its pfn, and a reader may be told to misbehave.
final class FakeVmcore implements Vmcore {
    static final int PAGE_BYTES = PagePattern.PAGE_BYTES;
    static final String VMCOREINFO = "OSRELEASE=6.1.0-test\nPAGESIZE=4096\nCRASHTIME=1700000000\n";
    private static final PagePattern[] MIXTURE = {PagePattern.TEXT, PagePattern.ZERO, PagePattern.POINTERS,
            PagePattern.POINTERS, PagePattern.NOISE, PagePattern.CONSTANT, PagePattern.LAST_BYTE, PagePattern.TEXT};

    /// Called before each read with the pfn read first.
    interface OnRead {
        void read(long pfn) throws IOException;
    }

    private final long maxMapnr;
    private final ByteOrder order;
    private final OnRead onRead;
    final AtomicLong openReaders = new AtomicLong();
    boolean withNotes = true;
    boolean incomplete;
    String name = "fake";
    List<KernelSegment> segments = List.of();
    int headerWordBytes = Long.BYTES;

    FakeVmcore(long maxMapnr) {
        this(maxMapnr, ByteOrder.LITTLE_ENDIAN, pfn -> {});
    }

    FakeVmcore(long maxMapnr, ByteOrder order, OnRead onRead) {
        this.maxMapnr = maxMapnr;
        this.order = order;
        this.onRead = onRead;
    }

    /// The pattern of a page.
    static PagePattern pattern(long pfn) {
        return MIXTURE[(int) ((pfn * 0x9e3779b97f4a7c15L) >>> 61)];
    }

    /// The bytes of a page.
    static byte[] page(long pfn) {
        return pattern(pfn).page(pfn, 7);
    }

    /// The pages from 0 to maxMapnr with every seventh missing, and of those every third run of ten left out.
    FilterResult filtered(int level) {
        PageBitmap existing = new PageBitmap(maxMapnr);
        PageBitmap dumpable = new PageBitmap(maxMapnr);
        for (long pfn = 0; pfn < maxMapnr; pfn++) {
            if (pfn % 7 != 3) {
                existing.set(pfn);
                if (pfn / 10 % 3 != 1) {
                    dumpable.set(pfn);
                }
            }
        }
        return result(new DumpBitmaps(existing, dumpable, new PageBitmap(maxMapnr)), level);
    }

    static FilterResult result(DumpBitmaps bitmaps, int level) {
        return new FilterResult(bitmaps, new PageCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), DumpLevel.of(level));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int machine() {
        return 62;
    }

    @Override
    public ByteOrder byteOrder() {
        return order;
    }

    @Override
    public int pageBytes() {
        return PAGE_BYTES;
    }

    @Override
    public long maxMapnr() {
        return maxMapnr;
    }

    @Override
    public ByteBuffer notes() {
        if (!withNotes) {
            return ByteBuffer.allocate(0).order(order);
        }
        byte[] prstatus = ElfCoreBuilder.noteOf(order, "CORE", 1, new byte[ElfCoreBuilder.X86_64_PRSTATUS_BYTES]);
        byte[] info = ElfCoreBuilder.noteOf(order, "VMCOREINFO", 0, VMCOREINFO.getBytes(StandardCharsets.US_ASCII));
        return ByteBuffer.allocate(2 * prstatus.length + info.length).order(order).put(prstatus).put(prstatus)
                .put(info).flip();
    }

    @Override
    public Optional<byte[]> vmcoreinfo() {
        return withNotes ? Optional.of(VMCOREINFO.getBytes(StandardCharsets.US_ASCII)) : Optional.empty();
    }

    @Override
    public Optional<Long> physBaseOfTextSegment() {
        return Optional.of(-585105408L);
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
        throw new UnsupportedOperationException();
    }

    @Override
    public void markPresent(PfnRange range, PageBitmap bitmap) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isStored(long pfn) {
        return pfn < maxMapnr;
    }

    @Override
    public PageReader newReader() {
        openReaders.incrementAndGet();
        return new PageReader() {
            @Override
            public void read(long paddr, ByteBuffer target, int targetOffset, int bytes) throws IOException {
                onRead.read(paddr / PAGE_BYTES);
                for (int at = 0; at < bytes; at += PAGE_BYTES) {
                    target.put(targetOffset + at, page((paddr + at) / PAGE_BYTES));
                }
            }

            @Override
            public void close() {
                openReaders.decrementAndGet();
            }
        };
    }

    @Override
    public long unreadablePages() {
        return 0;
    }

    @Override
    public boolean incomplete() {
        return incomplete;
    }

    @Override
    public void close() {}
}
