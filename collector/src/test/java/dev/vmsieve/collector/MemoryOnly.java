// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.StoredPages;
import dev.vmsieve.filter.vmcore.Vmcore;

/// A dump that does not tell how it stores its pages, so that each must be read and compressed.
record MemoryOnly(Vmcore dump) implements Vmcore {
    @Override
    public Optional<StoredPages> stored() {
        return Optional.empty();
    }

    @Override
    public String name() {
        return dump.name();
    }

    @Override
    public int machine() {
        return dump.machine();
    }

    @Override
    public ByteOrder byteOrder() {
        return dump.byteOrder();
    }

    @Override
    public int pageBytes() {
        return dump.pageBytes();
    }

    @Override
    public long maxMapnr() {
        return dump.maxMapnr();
    }

    @Override
    public ByteBuffer notes() {
        return dump.notes();
    }

    @Override
    public Optional<byte[]> vmcoreinfo() {
        return dump.vmcoreinfo();
    }

    @Override
    public Optional<Long> physBaseOfTextSegment() {
        return dump.physBaseOfTextSegment();
    }

    @Override
    public int dumpLevel() {
        return dump.dumpLevel();
    }

    @Override
    public void markExisting(PfnRange range, PageBitmap bitmap) {
        dump.markExisting(range, bitmap);
    }

    @Override
    public void markPresent(PfnRange range, PageBitmap bitmap) {
        dump.markPresent(range, bitmap);
    }

    @Override
    public boolean isStored(long pfn) {
        return dump.isStored(pfn);
    }

    @Override
    public PageReader newReader() {
        return dump.newReader();
    }

    @Override
    public boolean structPagesExcluded() {
        return dump.structPagesExcluded();
    }

    @Override
    public long unreadablePages() {
        return dump.unreadablePages();
    }

    @Override
    public boolean incomplete() {
        return dump.incomplete();
    }

    @Override
    public void close() throws IOException {
        dump.close();
    }
}
