// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.PageBatch;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.codec.PageCodec;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.Vmcore;

/// One thread's work: reads batches of pages, compresses and writes them, as the ring tells it. Guarded by
/// CollectBenchmark.
final class BatchWorker implements Runnable {
    private final BatchRing ring;
    private final Vmcore vmcore;
    private final PageBitmap unreadable;
    private final Compression compression;
    private final DumpWriter writer;
    private final boolean anyUnreadable;

    BatchWorker(BatchRing ring, Vmcore vmcore, PageBitmap unreadable, Compression compression, DumpWriter writer) {
        this.ring = ring;
        this.vmcore = vmcore;
        this.unreadable = unreadable;
        this.compression = compression;
        this.writer = writer;
        this.anyUnreadable = unreadable.nextSet(0) < unreadable.size();
    }

    /// Ends when the ring says so. Whatever goes wrong, errors of the machine included, ends the other workers too.
    @Override
    public void run() {
        try (PageReader reader = vmcore.newReader(); PageCodec codec = compression.newCodec()) {
            work(reader, codec);
        } catch (Throwable cause) {
            ring.fail(cause);
        }
    }

    private void work(PageReader reader, PageCodec codec) throws IOException, InterruptedException {
        Source source = null;
        PageBatch batch = ring.exchange(null);
        while (batch != null) {
            if (batch.placed()) {
                writer.write(batch);
            } else {
                source = sourceFor(batch, source);
                read(reader, batch, source.bytes);
                compress(codec, batch, source);
            }
            batch = ring.exchange(batch);
        }
    }

    /// Where the batch's pages are read to: the worker's own buffer; or, where pages are stored as they are, the place
    /// from which they are written.
    private Source sourceFor(PageBatch batch, @Nullable Source own) {
        if (compression == Compression.NONE) {
            return new Source(batch.data(), true);
        }
        return own != null
                ? own
                : new Source(ByteBuffer.allocateDirect(batch.maxPages() * batch.pageBytes()), false);
    }

    /// Pages before compression, as bytes and as words.
    private static final class Source {
        final ByteBuffer bytes;
        final LongBuffer words;
        /// They are where their stored form goes.
        final boolean inPlace;

        Source(ByteBuffer bytes, boolean inPlace) {
            this.bytes = bytes;
            this.inPlace = inPlace;
            this.words = bytes.duplicate().clear().order(ByteOrder.nativeOrder()).asLongBuffer();
        }
    }

    /// Reads each run of consecutive pfns at once.
    private void read(PageReader reader, PageBatch batch, ByteBuffer target) throws IOException {
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

    private static void compress(PageCodec codec, PageBatch batch, Source source) {
        int pageBytes = batch.pageBytes();
        ByteBuffer data = batch.data();
        ByteBuffer bytes = source.bytes;
        boolean inPlace = source.inPlace;
        int flag = codec.flag();
        for (int i = 0; i < batch.pages(); i++) {
            int from = i * pageBytes;
            if (isZero(source.words, from >>> 3, pageBytes >>> 3)) {
                batch.share(i);
                continue;
            }
            int to = batch.dataBytes();
            int stored = inPlace ? PageCodec.DOES_NOT_SHRINK : codec.compress(bytes, from, pageBytes, data, to);
            if (stored == PageCodec.DOES_NOT_SHRINK) {
                if (!inPlace || from != to) {
                    data.put(to, bytes, from, pageBytes);
                }
                batch.store(i, pageBytes, 0);
            } else {
                batch.store(i, stored, flag);
            }
        }
    }

    /// Whether the words from start on are all zero; their number is a multiple of 8. Most other pages are told by the
    /// first few.
    static boolean isZero(LongBuffer words, int start, int number) {
        int end = start + number;
        for (int i = start; i < end; i += 8) {
            long any = words.get(i) | words.get(i + 1) | words.get(i + 2) | words.get(i + 3) | words.get(i + 4)
                    | words.get(i + 5) | words.get(i + 6) | words.get(i + 7);
            if (any != 0) {
                return false;
            }
        }
        return true;
    }

    private static void zero(ByteBuffer buffer, int start, int bytes) {
        for (int at = start; at < start + bytes; at += Long.BYTES) {
            buffer.putLong(at, 0);
        }
    }
}
