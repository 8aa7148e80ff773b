// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.codec.PageCodec;
import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.SamplePages;

/// What does a page cost, compressed and decompressed, with each codec?
///
/// The time is that of one page of 4 KiB, from direct buffer to direct buffer. `DEFLATER` is what `ZLIB` has to beat:
/// java.util.zip.Deflater at level 1, reset for each page; only its own time is counted, not another copy. Pages are of a
/// mixture (10 % zero, 25 % text, 25 % pointers, 25 % arrays of structs, 15 % noise), or, with the property
/// `vmsieve.bench.vmcore` (`-jvmArgsPrepend -Dvmsieve.bench.vmcore=FILE`), pages of that ELF core that are not zero, evenly
/// spread: give it one made with `-E -d 31`, or it is not the pages that are kept. `LZO` is what the program has on this
/// machine: libsnappy's matches written as LZO, where that library is. Before anything is timed each page is
/// compressed and decompressed and compared; the share of bytes that is left is printed.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = {ProgramFlags.COMPILER, ProgramFlags.COLLECTOR, ProgramFlags.NATIVE_ACCESS,
        ProgramFlags.PLAIN_JARS})
public class PageCodecBenchmark {
    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 4096;
    private static final int SLOT_BYTES = 2 * PAGE_BYTES;
    private static final long SEED = 20_261_120;

    /// A [Compression], or `DEFLATER`.
    @Param({"ZLIB", "DEFLATER", "LZO", "SNAPPY", "ZSTD"})
    public String codec = "";

    private ByteBuffer pages = ByteBuffer.allocateDirect(0);
    private ByteBuffer streams = ByteBuffer.allocateDirect(0);
    private final ByteBuffer page = ByteBuffer.allocateDirect(PAGE_BYTES);
    private final int[] streamBytes = new int[PAGES];
    private PageCodec pageCodec = Compression.NONE.newCodec();
    private final Deflater deflater = new Deflater(1);
    private boolean useDeflater;

    @Setup
    public void makePages() throws IOException, DataFormatException {
        useDeflater = codec.equals("DEFLATER");
        pageCodec = Compression.valueOf(useDeflater ? "ZLIB" : codec).newCodec();
        pages = ByteBuffer.allocateDirect(PAGES * PAGE_BYTES);
        streams = ByteBuffer.allocateDirect(PAGES * SLOT_BYTES);
        String vmcore = System.getProperty("vmsieve.bench.vmcore");
        List<byte[]> contents = vmcore == null ? mixture() : pagesOf(Path.of(vmcore));
        for (byte[] content : contents) {
            pages.put(content);
        }
        checkAndReport(vmcore == null ? "mixture" : vmcore);
    }

    @TearDown
    public void close() {
        pageCodec.close();
        deflater.end();
    }

    @Benchmark
    @OperationsPerInvocation(PAGES)
    public long compress() {
        long bytes = 0;
        for (int i = 0; i < PAGES; i++) {
            bytes += compress(i);
        }
        return bytes;
    }

    @Benchmark
    @OperationsPerInvocation(PAGES)
    public ByteBuffer decompress() throws IOException {
        for (int i = 0; i < PAGES; i++) {
            if (streamBytes[i] > 0 && !useDeflater) { // a page that is stored costs nothing here; DEFLATER is ZLIB
                pageCodec.decompress(streams, i * SLOT_BYTES, streamBytes[i], page, 0, PAGE_BYTES);
            }
        }
        return page;
    }

    private int compress(int i) {
        if (!useDeflater) {
            return pageCodec.compress(pages, i * PAGE_BYTES, PAGE_BYTES, streams, i * SLOT_BYTES);
        }
        deflater.reset();
        deflater.setInput(pages.slice(i * PAGE_BYTES, PAGE_BYTES));
        deflater.finish();
        int bytes = deflater.deflate(streams.slice(i * SLOT_BYTES, SLOT_BYTES));
        return bytes < PAGE_BYTES ? bytes : PageCodec.DOES_NOT_SHRINK;
    }

    private void checkAndReport(String source) throws IOException {
        long left = 0;
        for (int i = 0; i < PAGES; i++) {
            streamBytes[i] = compress(i);
            left += streamBytes[i] > 0 ? streamBytes[i] : PAGE_BYTES;
            if (streamBytes[i] > 0) {
                pageCodec.decompress(streams, i * SLOT_BYTES, streamBytes[i], page, 0, PAGE_BYTES);
                if (!page.equals(pages.slice(i * PAGE_BYTES, PAGE_BYTES))) {
                    throw new IllegalStateException(codec + ": page " + i + " of " + source + " comes back different");
                }
            }
        }
        System.out.printf(Locale.ROOT, "%n%s: %d pages of %s correct, %.4f of their bytes left%n", codec, PAGES, source,
                (double) left / PAGES / PAGE_BYTES);
    }

    private static List<byte[]> mixture() {
        SplittableRandom random = new SplittableRandom(SEED);
        List<byte[]> contents = new ArrayList<>();
        for (int i = 0; i < PAGES; i++) {
            int share = random.nextInt(100);
            long seed = random.nextLong();
            if (share < 10) {
                contents.add(new byte[PAGE_BYTES]);
            } else if (share < 35) {
                contents.add(SamplePages.text(PAGE_BYTES, seed));
            } else if (share < 60) {
                contents.add(SamplePages.pointers(PAGE_BYTES, seed));
            } else if (share < 85) {
                contents.add(SamplePages.structs(PAGE_BYTES, seed));
            } else {
                contents.add(SamplePages.noise(PAGE_BYTES, seed));
            }
        }
        return contents;
    }

    private static List<byte[]> pagesOf(Path vmcore) throws IOException {
        List<byte[]> all = new ArrayList<>();
        long seen = 0;
        try (PlainElfReader reader = new PlainElfReader(vmcore)) {
            long stride = Math.max(1, storedPages(reader) / PAGES / 2);
            long stored = 0;
            for (long pfn = 0; pfn < reader.maxMapnr(); pfn++) {
                if (reader.stored(pfn) && stored++ % stride == 0) {
                    seen++;
                    byte[] content = reader.page(pfn);
                    if (!PlainElfReader.isZero(content)) {
                        all.add(content);
                    }
                }
            }
        }
        if (all.size() < PAGES) {
            throw new IllegalArgumentException(
                    "[" + vmcore + "] must have " + PAGES + " pages that are not zero among the " + seen
                            + " looked at but has " + all.size());
        }
        List<byte[]> chosen = new ArrayList<>();
        for (int i = 0; i < PAGES; i++) {
            chosen.add(all.get((int) ((long) i * all.size() / PAGES)));
        }
        return chosen;
    }

    private static long storedPages(PlainElfReader reader) {
        long stored = 0;
        for (long pfn = 0; pfn < reader.maxMapnr(); pfn++) {
            stored += reader.stored(pfn) ? 1 : 0;
        }
        return stored;
    }
}
