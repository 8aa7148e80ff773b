// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

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

import dev.vmsieve.collector.output.DryOutput;
import dev.vmsieve.collector.output.FileOutput;
import dev.vmsieve.collector.output.KdumpWriter;
import dev.vmsieve.collector.output.OutputChannel;
import dev.vmsieve.collector.output.PageBatch;
import dev.vmsieve.collector.output.WriteCounts;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.format.kdump.DiskDumpHeader;
import dev.vmsieve.filter.format.kdump.FileRegion;
import dev.vmsieve.filter.format.kdump.KdumpFormat;
import dev.vmsieve.filter.format.kdump.KdumpHeaders;
import dev.vmsieve.filter.format.kdump.KdumpLayout;
import dev.vmsieve.filter.format.kdump.KdumpSubHeader;

/// What does it take to place and write pages that are compressed already? Nanoseconds a page, of 256 MiB of memory in
/// batches of 64 pages, each stored in the same 1000 bytes, none zero and none raw: descriptors, data, headers and bitmaps,
/// but not the end, with its fsync.
///
/// To nowhere it is the writer's own work; to a file that of the system, too, which is created and removed each time. Set
/// -Djava.io.tmpdir to a tmpfs to leave the disk out.
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH sets the parameters, and runs the set-up before anything else
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {ProgramFlags.COMPILER, ProgramFlags.COLLECTOR, ProgramFlags.NATIVE_ACCESS,
        ProgramFlags.PLAIN_JARS})
public class DumpWriteBenchmark {
    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 1 << 16;
    private static final int BATCH = 64;
    private static final int STORED_BYTES = 1000;
    private static final int LZO = 2;

    /// Where bytes go.
    @Param({"NOWHERE", "FILE"})
    public String to;

    private Path folder;
    private DumpBitmaps bitmaps;
    private KdumpHeaders headers;
    private PageBatch batch;

    /// Makes the headers and the batch, and checks the file's size.
    @Setup
    public void setUp() throws IOException {
        folder = Files.createTempDirectory("write-benchmark");
        PageBitmap all = new PageBitmap(PAGES);
        all.setRange(0, PAGES);
        bitmaps = new DumpBitmaps(all, all, new PageBitmap(PAGES));
        KdumpLayout layout = KdumpLayout.of(PAGE_BYTES, PAGES, 0);
        headers = new KdumpHeaders(ByteOrder.LITTLE_ENDIAN,
                new DiskDumpHeader(KdumpFormat.HEADER_VERSION, new byte[6 * 65], 0, LZO, PAGE_BYTES,
                        layout.subHeaderBlocks(), layout.bitmapBlocks(), PAGES, 1),
                new KdumpSubHeader(0, 31, 0, 0, 0, FileRegion.NONE, FileRegion.NONE, FileRegion.NONE, PAGES));
        batch = writer(new DryOutput()).newBatch(BATCH, 0);
        WriteCounts counts = write();
        long expected = layout.descriptorOffset(PAGES) + PAGE_BYTES + (long) PAGES * STORED_BYTES;
        if (counts.fileBytes() != expected || counts.pages() != PAGES) {
            throw new IllegalStateException("the file has " + counts + " instead of " + expected + " bytes");
        }
    }

    /// Writes a dump up to its last page.
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public WriteCounts write() throws IOException {
        Path file = folder.resolve("dump");
        Files.deleteIfExists(file);
        try (OutputChannel output = "FILE".equals(to) ? FileOutput.create(file, false) : new DryOutput()) {
            KdumpWriter writer = writer(output);
            writer.start();
            for (long first = 0; first < PAGES; first += BATCH) {
                batch.begin(first / BATCH, first);
                for (int i = 0; i < BATCH; i++) {
                    batch.addPfn(first + i);
                    batch.store(i, STORED_BYTES, LZO);
                }
                if (!writer.place(batch)) {
                    throw new IllegalStateException("batch " + first / BATCH + " has no place");
                }
                writer.write(batch);
            }
            return writer.counts();
        }
    }

    private KdumpWriter writer(OutputChannel output) {
        return new KdumpWriter(output, headers, ByteBuffer.allocate(0), bitmaps, PAGES, Long.MAX_VALUE);
    }

    /// Removes what was made.
    @TearDown
    public void removeFiles() throws IOException {
        BenchDumps.remove(folder);
    }
}
