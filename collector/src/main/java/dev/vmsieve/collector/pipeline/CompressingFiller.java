// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.io.IOException;
import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.collector.output.PageBatch;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.codec.PageCodec;
import dev.vmsieve.filter.codec.ZeroPage;
import dev.vmsieve.filter.vmcore.PageReader;

/// Reads pages and compresses them. Guarded by CollectBenchmark.
final class CompressingFiller implements BatchFiller {
    private final PageBitmap unreadable;
    private final boolean anyUnreadable;
    private final boolean inPlace;
    private final boolean whole;
    private final PageReader reader;
    private final PageCodec codec;
    private final ZeroPage zeroes;
    private @Nullable Source own;
    private long readNanos;

    CompressingFiller(FillPlan plan) {
        this.unreadable = plan.unreadable();
        this.anyUnreadable = unreadable.nextSet(0) < unreadable.size();
        this.inPlace = plan.compression() == Compression.NONE;
        this.whole = plan.whole();
        this.reader = plan.vmcore().newReader();
        this.codec = plan.newCodec();
        this.zeroes = new ZeroPage(plan.vmcore().pageBytes());
    }

    @Override
    public void fill(PageBatch batch) throws IOException {
        Source source = sourceFor(batch);
        long start = System.nanoTime();
        read(batch, source.bytes);
        readNanos += System.nanoTime() - start;
        for (int i = 0; i < batch.pages(); i++) {
            compress(codec, batch, i, source, i * batch.pageBytes());
        }
    }

    /// Where the batch's pages are read to: an own buffer; or, where pages are stored as they are, the place from which
    /// they are written.
    private Source sourceFor(PageBatch batch) {
        if (inPlace) {
            return new Source(batch.data(), zeroes, true, whole);
        }
        Source source = own;
        if (source == null) {
            source = new Source(ByteBuffer.allocateDirect(batch.maxPages() * batch.pageBytes()), zeroes, false, false);
            own = source;
        }
        return source;
    }

    /// Pages before compression.
    static final class Source {
        final ByteBuffer bytes;
        /// They are where their stored form goes.
        final boolean inPlace;
        /// And that is where they are, zeroes or not.
        final boolean whole;

        private final ZeroPage zeroes;

        Source(ByteBuffer bytes, ZeroPage zeroes, boolean inPlace, boolean whole) {
            this.bytes = bytes;
            this.zeroes = zeroes;
            this.inPlace = inPlace;
            this.whole = whole;
        }
    }

    /// Reads each run of consecutive pfns at once.
    private void read(PageBatch batch, ByteBuffer target) throws IOException {
        int pageBytes = batch.pageBytes();
        int start = 0;
        while (start < batch.pages()) {
            long pfn = batch.pfn(start);
            if (anyUnreadable && unreadable.get(pfn)) {
                zero(target, start * pageBytes, pageBytes);
                start++;
                continue;
            }
            int end = runEnd(batch, start);
            reader.read(pfn * pageBytes, target, start * pageBytes, (end - start) * pageBytes);
            start = end;
        }
    }

    private int runEnd(PageBatch batch, int start) {
        long pfn = batch.pfn(start);
        int end = start + 1;
        while (end < batch.pages() && batch.pfn(end) == pfn + (end - start)
                && !(anyUnreadable && unreadable.get(batch.pfn(end)))) {
            end++;
        }
        return end;
    }

    /// Stores the batch's next page, which is in the source from a byte on: shared, compressed, or as it is.
    static void compress(PageCodec codec, PageBatch batch, int index, Source source, int from) {
        int pageBytes = batch.pageBytes();
        if (source.zeroes.isAt(source.bytes, from)) {
            batch.share(index);
            return;
        }
        ByteBuffer data = batch.data();
        boolean inPlace = source.inPlace;
        int to = source.whole ? from : batch.dataBytes();
        int stored = inPlace ? PageCodec.DOES_NOT_SHRINK : codec.compress(source.bytes, from, pageBytes, data, to);
        if (stored == PageCodec.DOES_NOT_SHRINK) {
            if (!inPlace || from != to) {
                data.put(to, source.bytes, from, pageBytes);
            }
            batch.store(index, pageBytes, 0);
        } else {
            batch.store(index, stored, codec.flag());
        }
    }

    private static void zero(ByteBuffer buffer, int start, int bytes) {
        for (int at = start; at < start + bytes; at += Long.BYTES) {
            buffer.putLong(at, 0);
        }
    }

    @Override
    public long readNanos() {
        return readNanos;
    }

    @Override
    public void close() {
        try (reader; codec) {
            own = null;
        }
    }
}
