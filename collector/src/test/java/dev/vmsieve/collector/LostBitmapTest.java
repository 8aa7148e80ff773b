// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static dev.vmsieve.collector.DumpChecks.assertThreadsEnded;
import static dev.vmsieve.collector.DumpChecks.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.vmsieve.collector.IncompleteDumpException.Reason;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpFormat;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// The bitmaps of a large machine lie in a file beside the dump, and the disk may fail there too.
class LostBitmapTest {
    private static final int PFNS = 400;

    @TempDir
    Path folder;
    @TempDir
    Path work;

    private final FakeVmcore vmcore = new FakeVmcore(PFNS);
    private final PageBitmap existing = vmcore.filtered(0).bitmaps().existing();
    private final PageBitmap dumpable = vmcore.filtered(0).bitmaps().dumpable();

    @AfterEach
    void leavesNoThreadBehind() {
        assertThreadsEnded(vmcore);
        assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().equals("vmsieve-watch"));
    }

    private static FilterResult result(PageBitmap existing, PageBitmap dumpable, int level) {
        return FakeVmcore.result(new DumpBitmaps(existing, dumpable, new PageBitmap(existing.size())), level);
    }

    private CollectPlan plan(DumpFormat format) {
        vmcore.segments = List.of(new KernelSegment(0, 0, (long) PFNS * FakeVmcore.PAGE_BYTES));
        Path file = folder.resolve("dump");
        return format == DumpFormat.ELF ? CollectPlan.elf(file) : CollectPlan.of(file, Compression.LZO);
    }

    @ParameterizedTest
    @EnumSource
    void makesNoFileWhereItCannotCountPages(DumpFormat format) {
        FilterResult filtered = result(existing, new LostChunks(work, dumpable).lose().bitmap, 1);
        assertThatThrownBy(
                () -> Collector.collect(plan(format), vmcore, filtered, identity(vmcore), Progress.NONE))
                .isInstanceOf(IOException.class).isNotInstanceOf(IncompleteDumpException.class)
                .hasMessageStartingWith("[" + work + "] " + LostChunks.MESSAGE);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void leavesNoFileWhereItCannotWriteTheBitmaps() {
        FilterResult filtered = result(new LostChunks(work, existing).lose().bitmap, dumpable, 1);
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class, () -> Collector
                .collect(plan(DumpFormat.KDUMP), vmcore, filtered, identity(vmcore), Progress.NONE));
        assertThat(e.reason()).isEqualTo(Reason.FAILED);
        assertThat(e).hasMessageContaining(LostChunks.MESSAGE).hasMessageEndingWith("no dump file is left");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void leavesNoPartWhereItCannotWriteTheBitmaps() {
        FilterResult filtered = result(new LostChunks(work, existing).lose().bitmap, dumpable, 1);
        SplitPlan split = SplitPlan.of(List.of(folder.resolve("1"), folder.resolve("2")));
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.split(plan(DumpFormat.KDUMP), split, vmcore, filtered, identity(vmcore),
                        Progress.NONE));
        assertThat(e).hasMessageContaining(LostChunks.MESSAGE).hasMessageEndingWith("no dump file is left");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void makesNoPartWhereItCannotCountPages() {
        FilterResult filtered = result(existing, new LostChunks(work, dumpable).lose().bitmap, 1);
        SplitPlan split = SplitPlan.of(List.of(folder.resolve("1"), folder.resolve("2")));
        assertThatThrownBy(() -> Collector.split(plan(DumpFormat.KDUMP), split, vmcore, filtered, identity(vmcore),
                Progress.NONE)).isInstanceOf(IOException.class).isNotInstanceOf(IncompleteDumpException.class)
                .hasMessageStartingWith("[" + work + "] " + LostChunks.MESSAGE);
        assertThat(folder).isEmptyDirectory();
    }

    /// The first part's pages lie in another chunk than the second's.
    @Test
    void marksAllPartsWhereTheFileIsLostMeanwhile() throws IOException {
        long size = 2L * PageBitmap.CHUNK_PFNS;
        PageBitmap pages = new PageBitmap(size);
        pages.setRange(0, 100);
        pages.setRange(PageBitmap.CHUNK_PFNS, PageBitmap.CHUNK_PFNS + 100);
        AtomicReference<LostChunks> chunks = new AtomicReference<>(new LostChunks(work, pages));
        FakeVmcore large = new FakeVmcore(size, ByteOrder.LITTLE_ENDIAN, pfn -> chunks.get().lose());
        Path second = folder.resolve("2");
        SplitPlan split = SplitPlan.of(List.of(folder.resolve("1"), second));
        IncompleteDumpException e = catchThrowableOfType(IncompleteDumpException.class,
                () -> Collector.split(plan(DumpFormat.KDUMP).withBatchPages(100), split, large,
                        result(pages, chunks.get().bitmap, 1),
                        identity(large), Progress.NONE));
        assertThat(e.reason()).isEqualTo(Reason.FAILED);
        assertThat(e).hasMessageStartingWith("[" + second + "] [" + work + "] " + LostChunks.MESSAGE)
                .hasMessageEndingWith("100 of 200 pages were written; all 2 parts are marked incomplete");
        for (Path file : split.files()) {
            try (PlainKdumpReader part = new PlainKdumpReader(file)) {
                assertThat(part.check()).isEmpty();
                assertThat(part.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
            }
        }
    }
}
