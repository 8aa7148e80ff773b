// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.kernel.VmcoreinfoPointer;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.PageCounts;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.LiveVmcore;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.ExpectedPages;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.Segment;
import dev.vmsieve.fixtures.SegmentData;
import dev.vmsieve.fixtures.SyntheticKernel;
import dev.vmsieve.fixtures.SyntheticKernel.Kcore;

/// /proc/kcore: what it tells in which kernel, the crash kernel's reservation, and memory that moves under the reader.
class LiveVmcoreTest {
    @TempDir
    Path directory;
    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());

    private static SyntheticKernel kernel(KernelEra era) {
        return PageFilterTest.everything(SyntheticKernel.builder(era).ram(0x1000, 0x9f000).ram(0x100000, 128L << 20));
    }

    private Path kcore(SyntheticKernel kernel, Kcore kind) throws IOException {
        return kernel.kcore(kind).write(directory.resolve("kcore"));
    }

    private Path iomem(String text) throws IOException {
        return Files.writeString(directory.resolve("iomem"), text);
    }

    private LiveVmcore open(Path kcore, Path iomem) throws IOException {
        return LiveVmcore.open(kcore, iomem, Progress.warnings(warnings::add));
    }

    private PageCounts count(Vmcore vmcore, Optional<Vmcoreinfo> given, int threads) throws IOException {
        Kernel kernel = Kernel.open(vmcore, given, Progress.warnings(warnings::add));
        return PageFilter.filter(vmcore, Optional.of(kernel), FilterPlan.of(DumpLevel.of(DumpLevel.MAX), threads),
                Progress.warnings(warnings::add)).counts();
    }

    private static void assertCounts(PageCounts counts, ExpectedPages expected) {
        assertThat(counts).isEqualTo(new PageCounts(expected.maxMapnr(), expected.existing().cardinality(), 0,
                expected.nonPrivateCache(), expected.privateCache(), expected.user(), expected.free(),
                expected.hwpoison(), expected.offline(), counts.unclassified()));
    }

    @ParameterizedTest
    @CsvSource({"V4_4,WITHOUT_PADDR", "V4_15,WITHOUT_VMCOREINFO", "V5_4,WITH_VMCOREINFO", "V6_1,WITH_VMCOREINFO",
            "V6_1,WITHOUT_VMCOREINFO", "V6_1,WITHOUT_PADDR", "V7_2,WITH_VMCOREINFO"})
    void findsWhatADumpOfTheSameMemoryWouldHave(KernelEra era, Kcore kind) throws IOException {
        SyntheticKernel kernel = kernel(era);
        Path pointer = Files.writeString(directory.resolve("vmcoreinfo"),
                "0x" + Long.toHexString(kernel.vmcoreinfoNotePaddr()) + " 2000\n");
        try (LiveVmcore vmcore = open(kcore(kernel, kind), directory.resolve("none"))) {
            Optional<Vmcoreinfo> named = VmcoreinfoPointer.follow(pointer, vmcore);
            assertThat(vmcore.vmcoreinfo().isPresent()).isEqualTo(kind == Kcore.WITH_VMCOREINFO);
            assertThat(named.orElseThrow().source()).contains("kcore, note named by", "vmcoreinfo");
            assertCounts(count(vmcore, named, 1), kernel.expected(31));
            assertCounts(count(vmcore, Optional.empty(), 2), kernel.expected(31));
            assertThat(vmcore.reservedPages()).isZero();
            assertThat(vmcore.unreadablePages()).isZero();
        }
        assertThat(warnings.stream().filter(line -> !line.contains("impossible order"))).isEmpty();
    }

    @Test
    void leavesOutWhatIsReservedForTheCrashKernel() throws IOException {
        SyntheticKernel kernel = kernel(KernelEra.V6_1);
        Path iomem = iomem("""
                00000000-00000fff : Reserved
                00001000-0009efff : System RAM
                00100000-07ffffff : System RAM
                  07000000-077fffff : Crash kernel
                  07e00000-07efffff : Crash kernel
                100000000-1ffffffff : Crash kernel
                """);
        ExpectedPages expected = kernel.expected(31);
        long reserved = 0x900;
        try (LiveVmcore vmcore = open(kcore(kernel, Kcore.WITH_VMCOREINFO), iomem)) {
            assertThat(vmcore.reservedPages()).isEqualTo(reserved);
            assertThat(vmcore.isStored(0x6fff)).isTrue();
            assertThat(vmcore.isStored(0x7000)).isFalse();
            assertThat(vmcore.isStored(0x77ff)).isFalse();
            assertThat(vmcore.isStored(0x7800)).isTrue();
            PageBitmap existing = new PageBitmap(vmcore.maxMapnr());
            vmcore.markExisting(new PfnRange(0x7400, 0x7f80), existing);
            assertThat(existing.cardinality()).isEqualTo(0x680);
            assertThat(count(vmcore, Optional.empty(), 2).existing())
                    .isEqualTo(expected.existing().cardinality() - reserved);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00000000-00000000 : Crash kernel\n", "x-y : Crash kernel\n", " : Crash kernel\n",
            "7000000-6000000 : Crash kernel\n", "00100000-07ffffff : System RAM\n",
            "-1-7fffffffffffffff : Crash kernel"})
    void takesNoReservationFromWhatTellsNone(String text) throws IOException {
        try (LiveVmcore vmcore = open(kcore(kernel(KernelEra.V6_1), Kcore.WITH_VMCOREINFO), iomem(text))) {
            assertThat(vmcore.reservedPages()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0x1000", "here there", "0x1000 0", "-1 1000", "0x1000 7fffffffffff",
            "7fffffffffffffff 1000", "0x1000 1000"})
    void findsNoVmcoreinfoWhereThePointerNamesNone(String text) throws IOException {
        Path pointer = Files.writeString(directory.resolve("vmcoreinfo"), text);
        try (LiveVmcore vmcore = open(kcore(kernel(KernelEra.V6_1), Kcore.WITHOUT_VMCOREINFO), iomem(""))) {
            assertThat(VmcoreinfoPointer.follow(pointer, vmcore)).isEmpty();
            assertThat(VmcoreinfoPointer.follow(directory.resolve("none"), vmcore)).isEmpty();
        }
    }

    @Test
    void refusesSegmentsWithoutAddressThatAreNoMapOfMemory() throws IOException {
        Path file = new ElfCoreBuilder()
                .load(0, 0xffff_8000_0000_0000L, 4096, SegmentData.zeros())
                .load(new Segment(0, 0xffff_c000_0000_0000L, 8192, 8192, SegmentData.zeros(), "", Segment.ASSIGNED, 0))
                .load(0, 0xff00_0000_0000_0000L, 4096, SegmentData.zeros()).write(directory.resolve("kcore"));
        assertThatThrownBy(() -> open(file, iomem(""))).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("p_vaddr must lie in the kernel's map of memory");
    }

    @Test
    void keepsOneSegmentAtPhysicalAddressZero() throws IOException {
        Path file = new ElfCoreBuilder().load(0, 0xffff_8880_0000_0000L, 0x1000, SegmentData.zeros())
                .load(0x100000, 0xffff_8880_0010_0000L, 0x2000, SegmentData.zeros()).write(directory.resolve("vmcore"));
        try (LiveVmcore vmcore = open(file, iomem(""))) {
            assertThat(vmcore.isStored(0)).isTrue();
            assertThat(vmcore.isStored(0x101)).isTrue();
            assertThat(vmcore.maxMapnr()).isEqualTo(0x102);
        }
    }

    @Test
    void isNotLiveOutsideOfProcfs() throws IOException {
        assertThat(LiveVmcore.isLive(kcore(kernel(KernelEra.V6_1), Kcore.WITH_VMCOREINFO))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void endsAndCountsEachPageOnceWhileMemoryChanges(long seed) throws IOException {
        SyntheticKernel kernel = kernel(seed % 2 == 0 ? KernelEra.V6_12 : KernelEra.V3_2);
        var file = new ChangingDumpFile(FileDumpFile.open(kcore(kernel, Kcore.WITH_VMCOREINFO)), seed);
        try (Vmcore vmcore = VmcoreOpener.open(file, Progress.warnings(warnings::add))) {
            Kernel found = Kernel.open(vmcore, Optional.empty(), Progress.warnings(warnings::add));
            file.changing = true;
            FilterResult result = PageFilter.filter(vmcore, Optional.of(found),
                    FilterPlan.of(DumpLevel.of(DumpLevel.MAX), 2), Progress.warnings(warnings::add));
            PageCounts counts = result.counts();
            assertThat(counts.existing()).as("seed " + seed).isEqualTo(kernel.expected(31).existing().cardinality());
            assertThat(counts.remaining()).as("seed " + seed).isBetween(
                    result.bitmaps().dumpable().cardinality() - 64, result.bitmaps().dumpable().cardinality());
        } catch (CorruptDumpException e) {
            assertThat(e).as("seed " + seed).hasMessageStartingWith("[");
        }
    }

    /// Every so often some word of what is read is another one.
    private static final class ChangingDumpFile implements DumpFile {
        private static final int EVERY_BYTES = 4096;
        private final DumpFile file;
        private final SplittableRandom random;
        volatile boolean changing;

        ChangingDumpFile(DumpFile file, long seed) {
            this.file = file;
            this.random = new SplittableRandom(seed);
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public synchronized int read(long offset, ByteBuffer target) throws IOException {
            int start = target.position();
            int count = file.read(offset, target);
            if (changing) {
                for (int done = 0; done < count; done += EVERY_BYTES) {
                    int at = start + random.nextInt(count);
                    target.put(at, (byte) (target.get(at) ^ 1 << random.nextInt(8)));
                }
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
