// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.collector.rework.LogFile;
import dev.vmsieve.collector.rework.RearrangePlan;
import dev.vmsieve.collector.rework.Rearranger;
import dev.vmsieve.collector.rework.ReassemblePlan;
import dev.vmsieve.collector.rework.Reassembler;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.filter.vmcore.KernelSegment;

/// Each file that is written is watched while it is, whatever writes it, so that one whose disk is gone ends the run.
class WatchedFilesTest {
    private static final int PFNS = 512;
    private static final int READ_BYTES = 1000;

    @TempDir
    Path folder;
    private final AtomicInteger most = new AtomicInteger();
    private final FakeVmcore vmcore = new FakeVmcore(PFNS, ByteOrder.LITTLE_ENDIAN, pfn -> look());

    private void look() {
        long watches = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("vmsieve-watch")).count();
        most.accumulateAndGet((int) watches, Math::max);
    }

    @AfterEach
    void leavesNoWatchBehind() {
        most.set(0);
        look();
        assertThat(most).hasValue(0);
    }

    private void collect(CollectPlan plan) throws IOException {
        Collector.collect(plan, vmcore, vmcore.filtered(1), identity(vmcore), Progress.NONE);
    }

    private Path flattened() throws IOException {
        Path file = folder.resolve("flat");
        try (FileChannel stream = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Collector.flatten(CollectPlan.of(folder.resolve("STDOUT"), Compression.LZO), stream, vmcore,
                    vmcore.filtered(1), identity(vmcore), Progress.NONE);
        }
        return file;
    }

    private SplitPlan split() throws IOException {
        SplitPlan parts = new SplitPlan(List.of(folder.resolve("1"), folder.resolve("2"), folder.resolve("3")),
                64 * FakeVmcore.PAGE_BYTES, true);
        Collector.split(CollectPlan.of(folder.resolve("all"), Compression.LZO), parts, vmcore, vmcore.filtered(1),
                identity(vmcore), Progress.NONE);
        return parts;
    }

    @Test
    void watchesADumpFile() throws IOException {
        collect(CollectPlan.of(folder.resolve("dump"), Compression.LZO));
        assertThat(most).hasValue(1);
    }

    @Test
    void watchesAnElfFile() throws IOException {
        vmcore.segments = List.of(new KernelSegment(0, 0, (long) PFNS * FakeVmcore.PAGE_BYTES));
        collect(CollectPlan.elf(folder.resolve("dump")));
        assertThat(most).hasValue(1);
    }

    @Test
    void watchesEachPart() throws IOException {
        split();
        assertThat(most).hasValue(3);
    }

    @Test
    void watchesFlattenedDataThatGoIntoAFile() throws IOException {
        flattened();
        assertThat(most).hasValue(1);
    }

    @Test
    void watchesWhatItRearranges() throws IOException {
        Path flat = flattened();
        most.set(0);
        try (FileChannel file = FileChannel.open(flat)) {
            Rearranger.rearrange(RearrangePlan.of(folder.resolve("dump")), "stdin", slowly(file), Progress.NONE);
        }
        assertThat(most).hasValue(1);
    }

    @Test
    void watchesWhatItReassembles() throws IOException {
        List<Path> parts = split().files();
        most.set(0);
        Progress look = new Progress() {
            @Override
            public void begin(Stage stage, long total) {
                look();
            }

            @Override
            public void advance(long amount) {
                look();
            }

            @Override
            public void end(Stage stage) {}

            @Override
            public void warning(String message) {}
        };
        Reassembler.reassemble(ReassemblePlan.of(parts, folder.resolve("dump")), look);
        assertThat(most).hasValue(1);
    }

    @Test
    void watchesALogFromItsFirstByteOn() throws IOException {
        Path file = folder.resolve("log");
        try (LogFile log = new LogFile(file, false, LogFile.NO_LIMIT, failure -> {})) {
            look();
            assertThat(most).hasValue(0);
            log.write('x');
            look();
            log.finish();
        }
        assertThat(most).hasValue(1);
        assertThat(Files.readString(file)).isEqualTo("x");
    }

    /// Few bytes a read, each of which looks for watches.
    private ReadableByteChannel slowly(FileChannel file) {
        return new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) throws IOException {
                look();
                ByteBuffer piece = ByteBuffer.allocate(Math.min(READ_BYTES, target.remaining()));
                int read = file.read(piece);
                target.put(piece.flip());
                return read;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }
}
