// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.io.MappedDumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.Segment;
import dev.vmsieve.fixtures.SegmentData;

class ElfVmcoreTest {
    private static final int PAGE = 4096;
    private static final long NO_VADDR = 0;

    @TempDir
    private Path directory;
    private final Warnings warnings = new Warnings();

    private Vmcore open(ElfCoreBuilder core) throws IOException {
        return VmcoreOpener.open(core.write(directory.resolve("vmcore")), new OpenOptions(true), warnings);
    }

    private static SegmentData filled(int bytes, int value) {
        byte[] data = new byte[bytes];
        Arrays.fill(data, (byte) value);
        return SegmentData.of(data);
    }

    private static byte[] read(Vmcore vmcore, long paddr, int bytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(bytes + 20);
        for (int i = 0; i < target.capacity(); i++) {
            target.put(i, (byte) 0x77);
        }
        target.position(3).limit(bytes);
        try (PageReader reader = vmcore.newReader()) {
            reader.read(paddr, target, 10, bytes);
        }
        assertThat(target.position()).isEqualTo(3);
        assertThat(target.limit()).isEqualTo(bytes);
        target.clear();
        assertThat(target.get(9)).isEqualTo((byte) 0x77);
        assertThat(target.get(10 + bytes)).isEqualTo((byte) 0x77);
        byte[] result = new byte[bytes];
        target.get(10, result);
        return result;
    }

    private static String existing(Vmcore vmcore) {
        var bitmap = new PageBitmap(vmcore.maxMapnr());
        vmcore.markExisting(new PfnRange(0, vmcore.maxMapnr()), bitmap);
        return text(bitmap);
    }

    private static String present(Vmcore vmcore) {
        var bitmap = new PageBitmap(vmcore.maxMapnr());
        vmcore.markPresent(new PfnRange(0, vmcore.maxMapnr()), bitmap);
        for (long pfn = 0; pfn < vmcore.maxMapnr(); pfn++) {
            assertThat(vmcore.isStored(pfn)).as("pfn %d", pfn).isEqualTo(bitmap.get(pfn));
        }
        return text(bitmap);
    }

    private static String text(PageBitmap bitmap) {
        var text = new StringBuilder();
        for (long pfn = 0; pfn < bitmap.size(); pfn++) {
            text.append(bitmap.get(pfn) ? '#' : '.');
        }
        return text.toString();
    }

    private static String runs(byte[] bytes) {
        var text = new StringBuilder();
        int start = 0;
        for (int at = 1; at <= bytes.length; at++) {
            if (at == bytes.length || bytes[at] != bytes[start]) {
                text.append(at - start).append('x').append(bytes[start]).append(' ');
                start = at;
            }
        }
        return text.toString().trim();
    }

    @Test
    void tellsWhatItIs() throws IOException {
        try (Vmcore vmcore = open(new ElfCoreBuilder().prstatus(1).vmcoreinfo("OSRELEASE=1\n").load(0x1000, NO_VADDR,
                PAGE, SegmentData.zeros()))) {
            assertThat(vmcore.name()).isEqualTo(directory.resolve("vmcore").toString());
            assertThat(vmcore.machine()).isEqualTo(62);
            assertThat(vmcore.byteOrder()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
            assertThat(vmcore.pageBytes()).isEqualTo(PAGE);
            assertThat(vmcore.maxMapnr()).isEqualTo(2);
            assertThat(vmcore.dumpLevel()).isZero();
            assertThat(vmcore.incomplete()).isFalse();
            assertThat(vmcore.unreadablePages()).isZero();
            assertThat(vmcore.vmcoreinfo()).hasValueSatisfying(text -> assertThat(text).hasSize(12));
            assertThat(vmcore.notes().remaining()).isEqualTo(356 + 24 + 12);
            assertThat(vmcore.notes().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
            assertThat(vmcore.physBaseOfTextSegment()).isEmpty();
            assertThat(warnings.list).isEmpty();
        }
    }

    @Test
    void readsOverlappingSegmentsFromTheFirstInTheFile() throws IOException {
        try (Vmcore vmcore = open(new ElfCoreBuilder()
                .load(0x2000, 0xffff_ffff_8100_0000L, PAGE, filled(PAGE, 1))
                .load(0, 0xffff_8880_0000_0000L, 5 * PAGE, filled(5 * PAGE, 2)))) {
            assertThat(runs(read(vmcore, 0, 5 * PAGE))).isEqualTo("8192x2 4096x1 8192x2");
            assertThat(existing(vmcore)).isEqualTo("#####");
            assertThat(vmcore.physBaseOfTextSegment()).contains(0x2000L - 0x100_0000L);
        }
    }

    @Test
    void assemblesAPageFromSeveralSegments() throws IOException {
        try (Vmcore vmcore = open(new ElfCoreBuilder().packed()
                .load(0x1200, NO_VADDR, 0x100, filled(0x100, 1))
                .load(0x1500, NO_VADDR, 0x100, filled(0x100, 3))
                .load(0x1280, NO_VADDR, 0x100, filled(0x100, 2))
                .load(0x3ff0, NO_VADDR, 0x20, filled(0x20, 4)))) {
            assertThat(runs(read(vmcore, 0x1000, PAGE)))
                    .isEqualTo("512x0 256x1 128x2 384x0 256x3 2560x0");
            assertThat(runs(read(vmcore, 0x12f0, 0x20))).isEqualTo("16x1 16x2");
            assertThat(runs(read(vmcore, 0, 6 * PAGE)))
                    .isEqualTo("4608x0 256x1 128x2 384x0 256x3 10736x0 32x4 8176x0");
            assertThat(existing(vmcore)).isEqualTo(".#.##");
            assertThat(present(vmcore)).isEqualTo(".#.##");
        }
    }

    @Test
    void takesWhatIsPastTheStoredPartForFilteredAlready() throws IOException {
        try (Vmcore vmcore = open(new ElfCoreBuilder()
                .load(Segment.of(0x1000, NO_VADDR, 4 * PAGE, filled(0x1100, 1)).withFilesz(0x1100))
                .load(Segment.of(0x6000, NO_VADDR, PAGE, SegmentData.zeros()).withFilesz(0).withOffset(-1)))) {
            assertThat(existing(vmcore)).isEqualTo(".####.#");
            assertThat(present(vmcore)).isEqualTo(".##....");
            assertThat(runs(read(vmcore, 0x1000, 3 * PAGE))).isEqualTo("4352x1 7936x0");
            assertThat(vmcore.incomplete()).isFalse();
        }
    }

    @Test
    void ignoresSegmentsWithoutPhysicalAddress() throws IOException {
        try (Vmcore vmcore = open(new ElfCoreBuilder().load(Segment.NO_PADDR, 0xffff_c900_0000_0000L, PAGE,
                filled(PAGE, 9)).load(0, NO_VADDR, PAGE, filled(PAGE, 1)))) {
            assertThat(vmcore.maxMapnr()).isEqualTo(1);
        }
        try (Vmcore vmcore = open(new ElfCoreBuilder().elf32().load(Segment.NO_PADDR, 0, PAGE, filled(PAGE, 9))
                .load(0x1000, NO_VADDR, PAGE, filled(PAGE, 1)))) {
            assertThat(existing(vmcore)).isEqualTo(".#");
            assertThat(runs(read(vmcore, 0x1000, PAGE))).isEqualTo("4096x1");
        }
    }

    @Test
    void readsMoreHeadersThanTheHeaderCanCount() throws IOException {
        var core = new ElfCoreBuilder().packed();
        for (int i = 0; i < 70_000; i++) {
            core.load(Segment.of(PAGE * (i % 1000L), NO_VADDR, PAGE, filled(PAGE, 1)).sharing("one"));
        }
        try (Vmcore vmcore = open(core)) {
            assertThat(vmcore.maxMapnr()).isEqualTo(1000);
            assertThat(runs(read(vmcore, 0, 3 * PAGE))).isEqualTo("12288x1");
        }
    }

    @Test
    void refusesMorePiecesThanItHolds() throws IOException {
        var core = new ElfCoreBuilder().packed();
        SegmentData data = filled(PAGE, 1);
        for (int i = 0; i < ElfSegments.MOST_PIECES; i++) {
            core.load(Segment.of(2L * PAGE * i, NO_VADDR, PAGE, data).sharing("one"));
        }
        try (Vmcore vmcore = open(core)) {
            assertThat(vmcore.maxMapnr()).isEqualTo(2 * ElfSegments.MOST_PIECES - 1);
        }
        core.load(Segment.of(2L * PAGE * ElfSegments.MOST_PIECES, NO_VADDR, PAGE, data).sharing("one"));
        assertThatThrownBy(() -> open(core)).isInstanceOf(UnsupportedDumpException.class)
                .hasMessageMatching("\\[.*vmcore] program headers: the 26214[56] must be of at most 262144 separate"
                        + " pieces of memory and notes but are of more");
    }

    /// So are those of a dump that was filtered before.
    @Test
    void joinsSegmentsThatGoOnWhereTheOneBeforeEnds() throws IOException {
        long map = 0xffff_8880_0000_0000L;
        ElfCoreBuilder core = new ElfCoreBuilder().load(Segment.of(0, map, 2 * PAGE, filled(PAGE, 1)).withFilesz(PAGE))
                .load(Segment.of(2 * PAGE, map + 2 * PAGE, 3 * PAGE, filled(PAGE, 2)).withFilesz(PAGE))
                .load(Segment.of(5 * PAGE, map, PAGE, filled(PAGE, 3)))
                .load(Segment.of(9 * PAGE, map + 9 * PAGE, PAGE, filled(PAGE, 4)));
        try (Vmcore vmcore = open(core)) {
            assertThat(vmcore.segments()).containsExactly(new KernelSegment(0, map, 5 * PAGE),
                    new KernelSegment(5 * PAGE, map, PAGE), new KernelSegment(9 * PAGE, map + 9 * PAGE, PAGE));
            assertThat(read(vmcore, 2 * PAGE, PAGE)).containsOnly(2);
            assertThat(vmcore.isStored(1)).isFalse();
            assertThat(vmcore.isStored(2)).isTrue();
        }
    }

    @Test
    void joinsSeveralNoteSegmentsAndTakesTheLastText() throws IOException {
        try (Vmcore vmcore = open(new ElfCoreBuilder().notesLast().vmcoreinfo("OSRELEASE=1\n").noteBytes(new byte[40])
                .nextNoteSegment().prstatus(1).vmcoreinfo("OSRELEASE=2\n").load(0, NO_VADDR, PAGE,
                        SegmentData.zeros()))) {
            assertThat(vmcore.vmcoreinfo()).hasValueSatisfying(
                    text -> assertThat(text).asString(StandardCharsets.US_ASCII).isEqualTo("OSRELEASE=2\n"));
            assertThat(vmcore.notes().remaining()).isEqualTo(36 + 356 + 36);
        }
    }

    @Test
    void warnsOfADamagedNoteAndGoesOn() throws IOException {
        byte[] damaged = ElfCoreBuilder.noteOf(ByteOrder.LITTLE_ENDIAN, "CORE", 1, new byte[8]);
        damaged[7] = 0x7f;
        try (Vmcore vmcore = open(new ElfCoreBuilder().vmcoreinfo("OSRELEASE=1\n").noteBytes(damaged).load(0, NO_VADDR,
                PAGE, SegmentData.zeros()))) {
            assertThat(vmcore.vmcoreinfo()).isPresent();
            assertThat(warnings.list).containsExactly("[" + vmcore.name() + "] notes: note 1: descsz must fit into the"
                    + " 28 bytes that are left but was 2130706440 (offset 0x24 in the notes); it and what follows is"
                    + " not used");
        }
    }

    @Test
    void treatsWhatAFileCutShortLacksAsAbsent() throws IOException {
        Path path = new ElfCoreBuilder().load(0, NO_VADDR, 4 * PAGE, filled(4 * PAGE, 1)).load(0x8000, NO_VADDR, PAGE,
                filled(PAGE, 2)).write(directory.resolve("vmcore"));
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(PAGE + PAGE + 100);
        }
        try (Vmcore vmcore = VmcoreOpener.open(path, new OpenOptions(false), warnings)) {
            assertThat(vmcore.incomplete()).isTrue();
            assertThat(existing(vmcore)).isEqualTo("####....#");
            assertThat(present(vmcore)).isEqualTo("##.......");
            assertThat(vmcore.missingPages()).isEqualTo(3);
            assertThat(vmcore.unreadablePages()).isZero();
            assertThat(runs(read(vmcore, 0, 3 * PAGE))).isEqualTo("4196x1 8092x0");
            assertThat(warnings.list).containsExactly("[" + path
                    + "] the file is cut short: 16284 bytes (3 pages) that its headers name are missing");
        }
    }

    @Test
    void warnsOfAnIncompleteMark() throws IOException {
        try (Vmcore vmcore = open(new ElfCoreBuilder().flags(1).load(0, NO_VADDR, PAGE, SegmentData.zeros()))) {
            assertThat(vmcore.incomplete()).isTrue();
            assertThat(warnings.list).containsExactly("[" + vmcore.name() + "] the file says that it is incomplete");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fillsUnreadablePagesWithZeroAndCountsThemOnce(boolean endsEarly) throws IOException {
        Path path = new ElfCoreBuilder().load(0, NO_VADDR, 8 * PAGE, filled(8 * PAGE, 1)).write(
                directory.resolve("vmcore"));
        var file = new FaultyDumpFile(FileDumpFile.open(path), PAGE + 3 * PAGE + 17, PAGE + 3 * PAGE + 18);
        file.endsEarly = endsEarly;
        try (Vmcore vmcore = VmcoreOpener.open(file, Progress.NONE)) {
            assertThat(runs(read(vmcore, 0x800, 7 * PAGE))).isEqualTo("10240x1 4096x0 14336x1");
            assertThat(vmcore.unreadablePages()).isEqualTo(1);
            assertThat(vmcore.isStored(3)).isFalse();
            assertThat(vmcore.isStored(2)).isTrue();
            assertThat(vmcore.firstNotStored(0, 8)).isEqualTo(3);
            assertThat(vmcore.firstNotStored(0, 2)).isEqualTo(2);
            assertThat(vmcore.firstNotStored(4, 20)).isEqualTo(8);
            assertThat(vmcore.firstNotStored(-1, 20)).isEqualTo(-1);
            assertThat(runs(read(vmcore, 0x3000, PAGE))).isEqualTo("4096x0");
            assertThat(vmcore.unreadablePages()).isEqualTo(1);
            assertThat(vmcore.incomplete()).isFalse();
        }
    }

    @Test
    void readsARunOfOneSegmentAtOnce() throws IOException {
        Path path = new ElfCoreBuilder().load(0x1000, NO_VADDR, 8 * PAGE, filled(8 * PAGE, 1)).write(
                directory.resolve("vmcore"));
        var file = new FaultyDumpFile(FileDumpFile.open(path), 0, 0);
        try (Vmcore vmcore = VmcoreOpener.open(file, Progress.NONE)) {
            file.reads.clear();
            read(vmcore, 0x2000, 5 * PAGE);
            assertThat(file.reads).containsExactly("8192+20480");
        }
    }

    @Test
    void failsWhenItIsClosed() throws IOException {
        Vmcore vmcore = open(new ElfCoreBuilder().load(0, NO_VADDR, PAGE, filled(PAGE, 1)));
        vmcore.close();
        assertThatThrownBy(() -> read(vmcore, 0, PAGE)).isInstanceOf(ClosedChannelException.class);
        assertThat(vmcore.unreadablePages()).isZero();
    }

    @Test
    void readsTheSameMappedAndByPosition() throws IOException {
        var random = new SplittableRandom(3);
        byte[] data = new byte[9 << 20];
        random.nextBytes(data);
        Path path = new ElfCoreBuilder().load(0x1000, NO_VADDR, data.length, SegmentData.of(data)).load(0x40_0000,
                NO_VADDR, 100, filled(100, 1)).write(directory.resolve("vmcore"));
        try (Vmcore mapped = VmcoreOpener.open(MappedDumpFile.open(path), Progress.NONE);
                Vmcore plain = VmcoreOpener.open(FileDumpFile.open(path), Progress.NONE)) {
            for (int i = 0; i < 40; i++) {
                long paddr = random.nextLong(9 << 20);
                int bytes = 1 + random.nextInt(200_000);
                assertThat(read(mapped, paddr, bytes)).as("paddr %d bytes %d", paddr, bytes)
                        .isEqualTo(read(plain, paddr, bytes));
            }
        }
    }

    @Test
    void readsBeyondSixteenGigabytesOfOffset() throws IOException {
        long far = 17L << 30;
        try (Vmcore vmcore = open(new ElfCoreBuilder().load(0, NO_VADDR, PAGE, filled(PAGE, 1)).load(Segment.of(
                1L << 45, NO_VADDR, PAGE, filled(PAGE, 2)).withOffset(far)))) {
            assertThat(runs(read(vmcore, 1L << 45, PAGE))).isEqualTo("4096x2");
            assertThat(vmcore.maxMapnr()).isEqualTo((1L << 33) + 1);
            assertThat(vmcore.isStored(1L << 33)).isTrue();
        }
    }
}
