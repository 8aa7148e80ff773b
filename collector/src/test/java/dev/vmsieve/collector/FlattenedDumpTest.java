// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.plan.Cancellation;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.rework.RearrangePlan;
import dev.vmsieve.collector.rework.Rearranger;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;

/// Dumps sent down a stream, against the same dumps written to a file.
class FlattenedDumpTest {
    private static final int PFNS = 3000;
    private static final int HEADER_BYTES = 4096;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void rearrangesToTheBytesOfTheFileWithEachCompression(Compression compression) throws IOException {
        CollectPlan plan = CollectPlan.of(folder.resolve("direct"), compression).withThreads(3);
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        CollectReport direct = Collector.collect(plan, vmcore, vmcore.filtered(31), identity(vmcore), Progress.NONE);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        CollectReport sent = flatten(plan, stream);

        assertThreadsEnded(vmcore);
        assertThat(sent.fileBytes()).isEqualTo(direct.fileBytes());
        assertThat(sent.pages()).isEqualTo(direct.pages());
        Path rearranged = folder.resolve("rearranged");
        Rearranger.rearrange(RearrangePlan.of(rearranged), "stream",
                Channels.newChannel(new ByteArrayInputStream(stream.toByteArray())), Progress.NONE);
        assertThat(rearranged).hasSameBinaryContentAs(plan.dumpFile());
    }

    @Test
    void sendsTheSameBytesForEachNumberOfThreads() throws IOException {
        CollectPlan plan = CollectPlan.of(folder.resolve("stream"), Compression.ZLIB).withBatchPages(5);
        ByteArrayOutputStream one = new ByteArrayOutputStream();
        flatten(plan, one);
        for (int threads = 2; threads <= 8; threads += 3) {
            ByteArrayOutputStream many = new ByteArrayOutputStream();
            flatten(plan.withThreads(threads), many);
            assertThat(many.toByteArray()).as("%d threads", threads).isEqualTo(one.toByteArray());
        }
        assertThat(plan.dumpFile()).doesNotExist();
    }

    @Test
    void sendsEachByteOfTheFileOnceAndThenTheEnd() throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        CollectReport report = flatten(CollectPlan.of(folder.resolve("stream"), Compression.LZO).withThreads(2),
                stream);
        TreeMap<Long, Long> records = new TreeMap<>();
        ByteBuffer bytes = ByteBuffer.wrap(stream.toByteArray()).position(HEADER_BYTES);
        long offset = bytes.getLong();
        while (offset != -1) {
            long size = bytes.getLong();
            assertThat(size).isPositive();
            assertThat(records.put(offset, size)).isNull();
            bytes.position(bytes.position() + (int) size);
            offset = bytes.getLong();
        }
        assertThat(bytes.getLong()).isEqualTo(-1);
        assertThat(bytes.hasRemaining()).isFalse();
        long end = 0;
        for (var record : records.entrySet()) {
            assertThat(record.getKey()).isEqualTo(end);
            end += record.getValue();
        }
        assertThat(end).isEqualTo(report.fileBytes());
    }

    /// The stream's header has been sent by then.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void marksADumpOfAnInputThatTurnsOutToLackPages(boolean elf) throws IOException {
        Path direct = folder.resolve("direct");
        CollectPlan plan = elf ? CollectPlan.elf(direct) : CollectPlan.of(direct, Compression.LZO);
        FakeVmcore whole = lacking(elf, Long.MAX_VALUE);
        FakeVmcore lacking = lacking(elf, PFNS / 2);
        ByteArrayOutputStream sound = new ByteArrayOutputStream();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        Collector.flatten(plan, Channels.newChannel(sound), whole, whole.filtered(0), identity(whole), Progress.NONE);
        Collector.flatten(plan, Channels.newChannel(stream), lacking, lacking.filtered(0), identity(lacking),
                Progress.NONE);
        lacking.incomplete = false;
        Collector.collect(plan, lacking, lacking.filtered(0), identity(lacking), Progress.NONE);

        int recordBytes = 16;
        assertThat(stream.size()).isEqualTo(sound.size() + recordBytes + Integer.BYTES);
        assertThat(Arrays.copyOf(stream.toByteArray(), sound.size() - recordBytes))
                .isEqualTo(Arrays.copyOf(sound.toByteArray(), sound.size() - recordBytes));
        Path rearranged = folder.resolve("rearranged");
        Rearranger.rearrange(RearrangePlan.of(rearranged), "stream",
                Channels.newChannel(new ByteArrayInputStream(stream.toByteArray())), Progress.NONE);
        assertThat(rearranged).hasSameBinaryContentAs(direct);
        Path flat = Files.write(folder.resolve("flat"), stream.toByteArray());
        try (Vmcore read = VmcoreOpener.open(flat, new OpenOptions(true), Progress.NONE)) {
            assertThat(read.incomplete()).isTrue();
        }
    }

    /// A vmcore that is found to lack pages when that pfn is read.
    private static FakeVmcore lacking(boolean elf, long lost) {
        AtomicReference<FakeVmcore> self = new AtomicReference<>();
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> self.get().incomplete |= pfn >= lost);
        self.set(vmcore);
        if (elf) {
            vmcore.segments = List.of(new KernelSegment(0, 0xffff_8880_0000_0000L, (long) PFNS * 4096));
        }
        return vmcore;
    }

    @Test
    void cutsTheStreamOffAtTheSizeLimit() throws IOException {
        CollectPlan plan = CollectPlan.of(Path.of("standard output"), Compression.LZO).withThreads(3);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        flatten(plan, whole);
        for (int limit = 1; limit < whole.size(); limit = 3 * limit + 1) {
            CollectPlan limited = plan.withSizeLimit(limit);
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            IncompleteDumpException failure = catchThrowableOfType(IncompleteDumpException.class,
                    () -> flatten(limited, stream));
            assertThat(failure.reason()).isEqualTo(IncompleteDumpException.Reason.SIZE_LIMIT);
            assertThat(failure).hasMessageStartingWith(
                    "[standard output] the size limit of " + limit + " bytes is reached: ")
                    .hasMessageEndingWith(" pages were written; the flattened data have no end record");
            assertThat(stream.toByteArray()).isEqualTo(Arrays.copyOf(whole.toByteArray(), limit));
        }
        ByteArrayOutputStream fits = new ByteArrayOutputStream();
        flatten(plan.withSizeLimit(whole.size()), fits);
        assertThat(fits.toByteArray()).isEqualTo(whole.toByteArray());
    }

    @Test
    void saysThatTheReaderClosedThePipe() {
        for (int room : new int[]{0, 5000, 100_000, 1_000_000}) {
            CollectPlan plan = CollectPlan.of(Path.of("standard output"), Compression.LZO).withThreads(3);
            ClosingPipe pipe = new ClosingPipe(room);
            FakeVmcore vmcore = new FakeVmcore(PFNS);
            IncompleteDumpException failure = catchThrowableOfType(IncompleteDumpException.class,
                    () -> Collector.flatten(plan, pipe, vmcore, vmcore.filtered(31), identity(vmcore),
                            Progress.NONE));
            assertThat(failure).as("room %d", room).hasMessageStartingWith("[standard output] Broken pipe: ")
                    .hasMessageEndingWith(" pages were written; the flattened data have no end record");
            assertThat(pipe.writesAfterClose).as("room %d", room).isZero();
            assertThreadsEnded(vmcore);
        }
    }

    @Test
    void endsACancelledStreamWithoutEndRecord() throws IOException {
        Cancellation cancellation = new Cancellation();
        FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> {
            if (pfn > 1000) {
                cancellation.request();
            }
        });
        CollectPlan plan = CollectPlan.of(Path.of("standard output"), Compression.LZO).withBatchPages(16)
                .withCancellation(cancellation);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        IncompleteDumpException failure = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.flatten(plan, Channels.newChannel(stream), vmcore, vmcore.filtered(31),
                        identity(vmcore), Progress.NONE));
        assertThat(failure).hasMessageContaining("stopped on request")
                .hasMessageEndingWith("the flattened data have no end record");

        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        flatten(plan.withCancellation(new Cancellation()), whole);
        byte[] cut = stream.toByteArray();
        assertThat(cut.length).isBetween(HEADER_BYTES + 1, whole.size() - 1);
        assertThat(cut).isEqualTo(Arrays.copyOf(whole.toByteArray(), cut.length));
    }

    @Test
    void sendsNothingInADryRun() throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        CollectPlan plan = CollectPlan.of(folder.resolve("stream"), Compression.LZO);
        CollectReport dry = flatten(plan.withDryRun(true), stream);
        assertThat(stream.size()).isZero();
        assertThat(dry.fileBytes()).isEqualTo(flatten(plan, stream).fileBytes());
        assertThat(Files.exists(plan.dumpFile())).isFalse();
    }

    private static CollectReport flatten(CollectPlan plan, ByteArrayOutputStream stream) throws IOException {
        FakeVmcore vmcore = new FakeVmcore(PFNS);
        return Collector.flatten(plan, Channels.newChannel(stream), vmcore, vmcore.filtered(31), identity(vmcore),
                Progress.NONE);
    }

    /// A pipe whose reader goes away after so many bytes.
    private static final class ClosingPipe implements WritableByteChannel {
        private int room;
        private boolean closed;
        private int writesAfterClose;

        ClosingPipe(int room) {
            this.room = room;
        }

        @Override
        public synchronized int write(ByteBuffer source) throws IOException {
            if (closed) {
                writesAfterClose++;
            }
            int taken = Math.min(Math.min(room, 4096), source.remaining());
            if (taken == 0) {
                closed = true;
                throw new IOException("Broken pipe");
            }
            source.position(source.position() + taken);
            room -= taken;
            return taken;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
