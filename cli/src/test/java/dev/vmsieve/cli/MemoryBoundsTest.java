// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.fixtures.FlattenedStream;
import dev.vmsieve.fixtures.HugeKernel;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SyntheticKernel;
import dev.vmsieve.fixtures.SyntheticKernelBuilder;

/// Peak resident memory where a large machine or a damaged input meets what is rarely needed: how much more it takes than
/// the same on a small machine, or for a sound input.
class MemoryBoundsTest {
    private static final long MOST_GROWTH_KIB = MemoryBudgetTest.MOST_GROWTH_KIB;
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;
    private static final int DESCRIPTOR_BYTES = 24;
    private static final int STRUCT_PAGE_BYTES = 64;
    private static final int RECORD_BYTES = 8;

    @TempDir
    private Path folder;

    /// Before 3.9 free pages are known by their lists alone, which are in no order.
    @Test
    void takesNoMoreForFreeListsThatGoAllOverALargeMachine() throws IOException, InterruptedException {
        long small = peakKib(freePagesIn(2));
        long large = peakKib(freePagesIn(200));
        assertHardlyMore(small, large);
    }

    /// A machine of so many times 4 GiB with 4 MiB of RAM in each, some of it free.
    private Path freePagesIn(int parts) throws IOException {
        SyntheticKernelBuilder builder = SyntheticKernel.builder(KernelEra.V3_2).ram(0x1000, 0x9fc00)
                .ram(0x100000, GIB)
                .sparePool((long) parts << 21);
        for (int i = 1; i < parts; i++) {
            builder.ram(4L * i * GIB, 4L * i * GIB + (4 << 20));
        }
        SyntheticKernel kernel = builder.build();
        for (int i = 1; i < parts; i++) {
            kernel.pages(i * GIB / 1024 + 16L * (i % 7), 2).buddy(1);
        }
        return kernel.write(folder.resolve("free-" + parts));
    }

    @Test
    void takesNoMoreForDamagedPagesAllOverALargeMachine() throws IOException, InterruptedException {
        long small = peakKib(damaged(new HugeKernel(KernelEra.V6_12, 2 * GIB)));
        long large = peakKib(damaged(new HugeKernel(KernelEra.V6_12, TIB)));
        assertHardlyMore(small, large);
    }

    /// A dump that has lost all pages above 1 GiB and does not say so.
    private Path damaged(HugeKernel kernel) throws IOException {
        Path dump = dump(kernel);
        long first;
        long end;
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            long below = 0;
            for (long pfn = 0; pfn < GIB / 4096; pfn++) {
                below += reader.dumped(pfn) ? 1 : 0;
            }
            first = reader.descriptorStart() + DESCRIPTOR_BYTES * below;
            end = reader.descriptorStart() + DESCRIPTOR_BYTES * reader.dumpedPages();
        }
        write(dump, first, new byte[(int) (end - first)]);
        return dump;
    }

    @Test
    void takesNoMoreWhenTheKernelOfALargeMachineIsNotUnderstood() throws IOException, InterruptedException {
        long small = peakKib(misread(new HugeKernel(KernelEra.V6_12, 2 * GIB)));
        long large = peakKib(misread(new HugeKernel(KernelEra.V6_12, TIB)));
        assertHardlyMore(small, large);
    }

    /// A dump whose struct pages say that the kernel's own pages are of a process.
    private Path misread(HugeKernel huge) throws IOException {
        SyntheticKernel kernel = huge.kernel();
        kernel.next(0, 1).anon();
        long anon = kernel.nextPfn() - 1;
        Path dump = dump(huge);
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            byte[] struct = new byte[STRUCT_PAGE_BYTES];
            long from = kernel.structPagePaddr(anon);
            System.arraycopy(reader.page(from / 4096), (int) (from % 4096), struct, 0, struct.length);
            for (long pfn = kernel.topTablePaddr() >> 12; pfn < kernel.firstUsablePfn(); pfn++) {
                long to = kernel.structPagePaddr(pfn);
                assertThat(reader.flags(to / 4096)).as("stored as it is").isZero();
                write(dump, reader.descriptor(to / 4096).offset() + to % 4096, struct);
            }
        }
        assertThat(Cli.run("-d", "31", "--dry-run", dump.toString(), folder.resolve("dry").toString()).err())
                .contains("page structures are not understood");
        return dump;
    }

    /// Segments of an ELF file are found by the page table, as a kdump file has none.
    @Test
    void takesNoMoreForTheElfFileOfALargeMachineWhoseDumpIsFilteredAgain() throws IOException, InterruptedException {
        long small = peakKib(dump(new HugeKernel(KernelEra.V6_12, 2 * GIB)), "-E");
        long large = peakKib(dump(new HugeKernel(KernelEra.V6_12, TIB)), "-E");
        assertHardlyMore(small, large);
    }

    /// For an ELF file pages of zeroes are looked for before the headers are written.
    @Test
    void takesNoMoreForZeroesAllOverALargeMachineInAnElfFile() throws IOException, InterruptedException {
        long small = peakKib(freePagesIn(2), "-E", "-d", "1");
        long large = peakKib(freePagesIn(200), "-E", "-d", "1");
        assertHardlyMore(small, large);
    }

    @Test
    void takesNoMoreForAFlattenedInputOfManyRecords() throws IOException, InterruptedException {
        Path dump = dump(new HugeKernel(KernelEra.V6_12, 2 * GIB));
        long few = peakKib(flattened(dump, 1 << 16));
        long many = peakKib(flattened(dump, RECORD_BYTES));
        assertHardlyMore(few, many);
    }

    /// The file in records of so many bytes, the first of them twice, as writers do that correct their header at the end.
    private Path flattened(Path file, int bytes) throws IOException {
        Path flat = folder.resolve("flat");
        byte[] all = Files.readAllBytes(file);
        try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(flat)))) {
            out.write(new FlattenedStream().bytes());
            for (int at = 0; at < all.length; at += bytes) {
                record(out, all, at, Math.min(bytes, all.length - at));
            }
            record(out, all, 0, 512);
            out.writeLong(-1);
            out.writeLong(-1);
        }
        return flat;
    }

    private static void assertHardlyMore(long smallKib, long largeKib) {
        assertThat(largeKib - smallKib).as("%d KiB against %d", largeKib, smallKib)
                .isLessThanOrEqualTo(MOST_GROWTH_KIB);
    }

    private static void record(DataOutputStream out, byte[] all, int at, int bytes) throws IOException {
        out.writeLong(at);
        out.writeLong(bytes);
        out.write(all, at, bytes);
    }

    private Path dump(HugeKernel kernel) throws IOException {
        Path vmcore = kernel.write(folder.resolve("vmcore"));
        Path dump = folder.resolve("dump-" + kernel.maxMapnr());
        assertThat(Cli.run("-f", "-d", "31", vmcore.toString(), dump.toString()).code()).isZero();
        return dump;
    }

    private static void write(Path file, long offset, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), offset);
        }
    }

    private long peakKib(Path input, String... options) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(
                List.of("-f", "-d", "31", "--num-threads", "1", "--message-level", "4", "--work-dir",
                        folder.toString()));
        Collections.addAll(arguments, options);
        Collections.addAll(arguments, input.toString(), folder.resolve("again").toString());
        return PeakMemory.kibOf(folder, arguments.toArray(String[]::new));
    }
}
