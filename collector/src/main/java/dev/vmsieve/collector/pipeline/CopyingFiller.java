// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.collector.output.PageBatch;
import dev.vmsieve.collector.pipeline.CompressingFiller.Source;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.codec.PageCodec;
import dev.vmsieve.filter.codec.ZeroPage;
import dev.vmsieve.filter.codec.ZeroProbe;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.StoredPageReader;
import dev.vmsieve.filter.vmcore.StoredPages;

/// Copies pages as the input stores them, and compresses anew only those whose method is to change.
///
/// A page is copied if no method is asked for, if it is stored by the one asked for and no level is asked for, or if it is
/// stored raw in a dump of such a method, by which it did not shrink then. Stored forms that lie side by side, those of pages left out in the
/// meantime excepted, are read at once; pages of zeroes among them are cut out. Guarded by RefilterBenchmark.
final class CopyingFiller implements BatchFiller {
    /// Pages that are decompressed at a time.
    private static final int RECODED_PAGES = 64;

    /// What becomes of a page.
    private enum Way {
        SHARE, COPY, RECODE
    }

    private final FillPlan plan;
    private final StoredPageReader stored;
    private final PageReader reader;
    private final PageCodec codec;
    private final ZeroProbe probe;
    private final boolean rawStays;
    private @Nullable Source pages;
    private long readNanos;

    /// Of each page of the batch: what becomes of it, and for one to be copied where it lies and how it is stored.
    private Way[] ways = {};
    private Compression[] methods = {};
    private int[] parts = {};
    private long[] offsets = {};
    private int[] bytes = {};

    CopyingFiller(FillPlan plan, StoredPages input) {
        this.plan = plan;
        this.stored = input.newReader();
        this.reader = plan.vmcore().newReader();
        this.codec = plan.newCodec();
        this.probe = new ZeroProbe(plan.vmcore().pageBytes());
        this.rawStays = plan.copies(input.compression());
    }

    @Override
    public void fill(PageBatch batch) throws IOException {
        look(batch);
        int next = 0;
        while (next < batch.pages()) {
            next = switch (ways[next]) {
                case SHARE -> {
                    batch.share(next);
                    yield next + 1;
                }
                case COPY -> copyRun(batch, next);
                case RECODE -> recodeRun(batch, next);
            };
        }
    }

    private void look(PageBatch batch) throws IOException {
        if (ways.length < batch.maxPages()) {
            ways = new Way[batch.maxPages()];
            methods = new Compression[batch.maxPages()];
            parts = new int[batch.maxPages()];
            offsets = new long[batch.maxPages()];
            bytes = new int[batch.maxPages()];
        }
        for (int i = 0; i < batch.pages(); i++) {
            long pfn = batch.pfn(i);
            if (plan.isUnreadable(pfn) || !stored.find(pfn) || stored.sharesZeroBlock()) {
                ways[i] = Way.SHARE;
                continue;
            }
            Compression method = stored.compression();
            ways[i] = isCopied(method) ? Way.COPY : Way.RECODE;
            methods[i] = method;
            parts[i] = stored.part();
            offsets[i] = stored.offset();
            bytes[i] = stored.bytes();
        }
    }

    private boolean isCopied(Compression method) {
        return method == Compression.NONE
                ? rawStays
                : plan.copies(method);
    }

    /// Copies stored forms that lie side by side.
    ///
    /// @return the first page behind them
    private int copyRun(PageBatch batch, int start) throws IOException {
        int end = start + 1;
        long fileEnd = offsets[start] + bytes[start];
        // Pages that share the block of zeroes have no data in between.
        for (int i = end; i < batch.pages() && ways[i] != Way.RECODE; i++) {
            if (ways[i] == Way.COPY) {
                if (parts[i] != parts[start] || offsets[i] != fileEnd) {
                    break;
                }
                fileEnd += bytes[i];
                end = i + 1;
            }
        }
        if (plan.sizesOnly() || !read(batch, start, fileEnd)) {
            for (int i = start; i < end; i++) {
                copyOne(batch, i);
            }
        } else {
            settle(batch, start, end);
        }
        return end;
    }

    /// False if the run cannot be read as a whole.
    private boolean read(PageBatch batch, int first, long fileEnd) throws IOException {
        long begun = System.nanoTime();
        try {
            stored.read(parts[first], offsets[first], (int) (fileEnd - offsets[first]), batch.data(),
                    batch.dataBytes());
            readNanos += System.nanoTime() - begun;
            return true;
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException damaged) {
            return false;
        }
    }

    /// Copies a single page; a dry run reads it only if it may be one of zeroes.
    private void copyOne(PageBatch batch, int index) throws IOException {
        if (ways[index] == Way.SHARE) {
            batch.share(index);
            return;
        }
        try {
            if (!plan.sizesOnly() || probe.mayBeZero(methods[index], bytes[index])) {
                stored.read(parts[index], offsets[index], bytes[index], batch.data(), batch.dataBytes());
                settle(batch, index, index + 1);
            } else {
                batch.store(index, bytes[index], methods[index].flag());
            }
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException damaged) {
            stored.damaged(batch.pfn(index), damaged);
            batch.share(index);
        }
    }

    /// Takes the pages from start to end into the batch, their stored forms being where its data end, one after the other.
    private void settle(PageBatch batch, int start, int end) {
        ByteBuffer data = batch.data();
        int from = batch.dataBytes();
        // What lies between the two goes to where the batch's data end without it.
        int keptStart = from;
        int keptTo = from;
        for (int i = start; i < end; i++) {
            if (ways[i] == Way.SHARE) {
                batch.share(i);
                continue;
            }
            if (probe.isZero(methods[i], data, from, bytes[i])) {
                keptTo += move(data, keptStart, from, keptTo);
                keptStart = from + bytes[i];
                batch.share(i);
            } else {
                batch.store(i, bytes[i], methods[i].flag());
            }
            from += bytes[i];
        }
        move(data, keptStart, from, keptTo);
    }

    private static int move(ByteBuffer data, int start, int end, int to) {
        if (start != to) {
            data.put(to, data, start, end - start);
        }
        return end - start;
    }

    /// Compresses pages that follow one another anew.
    ///
    /// @return the first page behind them
    private int recodeRun(PageBatch batch, int start) throws IOException {
        int end = start + 1;
        while (end < batch.pages() && end - start < RECODED_PAGES && ways[end] == Way.RECODE
                && batch.pfn(end) == batch.pfn(start) + (end - start)) {
            end++;
        }
        int pageBytes = batch.pageBytes();
        Source source = pages;
        if (source == null) {
            source = new Source(ByteBuffer.allocateDirect(RECODED_PAGES * pageBytes), new ZeroPage(pageBytes), false,
                    false);
            pages = source;
        }
        long begun = System.nanoTime();
        reader.read(batch.pfn(start) * pageBytes, source.bytes, 0, (end - start) * pageBytes);
        readNanos += System.nanoTime() - begun;
        for (int i = start; i < end; i++) {
            CompressingFiller.compress(codec, batch, i, source, (i - start) * pageBytes);
        }
        return end;
    }

    @Override
    public long readNanos() {
        return readNanos;
    }

    @Override
    public void close() {
        try (reader; codec; probe) {
            pages = null;
        }
    }
}
