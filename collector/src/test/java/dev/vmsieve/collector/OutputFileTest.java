// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertComplete;
import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.collector.IncompleteDumpException.Reason;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.format.kdump.KdumpFormat;
import dev.vmsieve.filter.format.kdump.KdumpHeaders;
import dev.vmsieve.filter.format.kdump.PageDescriptor;
import dev.vmsieve.filter.progress.Progress;

/// How the dump file comes to be on the file system.
class OutputFileTest {
    private final FakeVmcore vmcore = new FakeVmcore(300);
    private final FilterResult filtered = vmcore.filtered(1);

    @TempDir
    Path folder;

    private CollectReport collect(CollectPlan plan) throws IOException {
        return Collector.collect(plan, vmcore, filtered, identity(vmcore), Progress.NONE);
    }

    @Test
    void isReadableForItsOwnerOnly() throws IOException {
        Path file = folder.resolve("dump");
        collect(CollectPlan.of(file, Compression.LZO));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
    }

    @Test
    void leavesAnExistingFileAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("dump"), "precious");
        assertThatThrownBy(() -> collect(CollectPlan.of(file, Compression.LZO)))
                .isInstanceOf(FileAlreadyExistsException.class).hasMessageContaining(file.toString());
        assertThat(file).hasContent("precious");
    }

    @Test
    void refusesADanglingLinkUnlessItMayOverwrite() throws IOException {
        Path target = folder.resolve("target");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        assertThatThrownBy(() -> collect(CollectPlan.of(link, Compression.LZO)))
                .isInstanceOf(FileAlreadyExistsException.class);
        collect(CollectPlan.of(link, Compression.LZO).withOverwrite(true));
        assertComplete(target, filtered);
    }

    @Test
    void overwritesAndKeepsTheMode() throws IOException {
        Path file = folder.resolve("dump");
        Files.write(file, new byte[1 << 20]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        collect(CollectPlan.of(file, Compression.LZO).withOverwrite(true));
        assertComplete(file, filtered);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-r--r--");
    }

    @Test
    void namesADirectoryThatIsNotThere() {
        assertThatThrownBy(() -> collect(CollectPlan.of(folder.resolve("no/dump"), Compression.LZO)))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> collect(CollectPlan.of(folder, Compression.LZO).withOverwrite(true)))
                .isInstanceOf(FileSystemException.class).hasMessageContaining("Is a directory");
    }

    @Test
    void refusesTheInputAsOutput() throws IOException {
        Path file = Files.writeString(folder.resolve("vmcore"), "precious");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        vmcore.name = file.toString();
        assertThatThrownBy(() -> collect(CollectPlan.of(link, Compression.LZO).withOverwrite(true)))
                .hasMessageContaining("is the input");
        assertThat(file).hasContent("precious");
    }

    @Test
    void refusesAPipe() throws IOException, InterruptedException {
        Path pipe = folder.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        assertThatThrownBy(() -> collect(CollectPlan.of(pipe, Compression.LZO).withOverwrite(true)))
                .hasMessageContaining("[" + pipe + "] is a pipe");
    }

    @Test
    void writesToDevices() throws IOException {
        assumeTrue(Files.isWritable(Path.of("/dev/null")) && Files.isWritable(Path.of("/dev/full")));
        CollectPlan plan = CollectPlan.of(Path.of("/dev/null"), Compression.LZO).withOverwrite(true);
        CollectReport report = collect(plan);
        assertThat(report.fileBytes()).isEqualTo(collect(plan.withDryRun(true)).fileBytes());
        CollectPlan full = CollectPlan.of(Path.of("/dev/full"), Compression.LZO).withOverwrite(true);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class, () -> collect(full));
        assertThat(e.reason()).isEqualTo(Reason.NO_SPACE);
        assertThat(Path.of("/dev/full")).exists();
    }

    /// A machine of 512 TiB: bitmaps of 16 GiB each, and data far past 32 GiB.
    @Test
    void writesAtOffsetsPastFourGibibytes() throws IOException {
        long size = 1L << 37;
        FakeVmcore large = new FakeVmcore(size);
        PageBitmap pages = new PageBitmap(size);
        pages.setRange(0, 100);
        pages.setRange((1L << 33) - 10, (1L << 33) + 10);
        pages.setRange(size - 30, size);
        DumpBitmaps bitmaps = new DumpBitmaps(pages, pages, new PageBitmap(size));
        Path file = folder.resolve("dump");
        Collector.collect(CollectPlan.of(file, Compression.LZO).withThreads(2), large,
                FakeVmcore.result(bitmaps, 1), identity(large), Progress.NONE);

        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer head = read(channel, 0, KdumpFormat.HEADERS_BYTES);
            KdumpHeaders headers = KdumpHeaders.parse("dump", head, channel.size());
            assertThat(headers.maxMapnr()).isEqualTo(size);
            assertThat(headers.incomplete()).isFalse();
            headers.checkDescriptors("dump", 150, channel.size());
            assertThat(read(channel, headers.layout().secondBitmapOffset() + size / 8 - 8, 8).getLong(0))
                    .isEqualTo(-1L << 34);
            assertThat(read(channel, headers.layout().firstBitmapOffset() + (1L << 30), 8).getLong(0))
                    .isEqualTo(0x3ff);
            for (int rank = 0; rank < 150; rank++) {
                long pfn = rank < 100 ? rank : rank < 120 ? (1L << 33) - 110 + rank : size - 150 + rank;
                PageDescriptor page = PageDescriptor.parse(
                        read(channel, headers.layout().descriptorOffset(rank), KdumpFormat.DESCRIPTOR_BYTES), 0);
                page.check("dump", pfn, 4096, channel.size());
                assertThat(page.offset()).isGreaterThan(32L << 30);
                assertThat(decode(channel, page)).as("pfn %d", pfn).isEqualTo(FakeVmcore.page(pfn));
            }
        }
    }

    private static byte[] decode(FileChannel channel, PageDescriptor page) throws IOException {
        ByteBuffer stored = ByteBuffer.allocateDirect(page.bytes());
        channel.read(stored, page.offset());
        ByteBuffer bytes = ByteBuffer.allocateDirect(4096);
        try (var codec = page.compression().newCodec()) {
            codec.decompress(stored, 0, page.bytes(), bytes, 0, 4096);
        }
        byte[] decoded = new byte[4096];
        bytes.get(0, decoded);
        return decoded;
    }

    private static ByteBuffer read(FileChannel channel, long offset, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        channel.read(buffer, offset);
        return buffer;
    }
}
