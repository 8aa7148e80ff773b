// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.fixtures.FlattenedStream;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// Kdump-compressed dumps as inputs: every page as it went in.
class KdumpVmcoreTest extends KdumpDumps {
    @Test
    void readsEveryPageOfEveryMethod() throws IOException {
        try (Vmcore vmcore = open(dump(1500).build())) {
            assertThat(vmcore.maxMapnr()).isEqualTo(1500);
            assertThat(vmcore.dumpLevel()).isEqualTo(17);
            assertThat(vmcore.machine()).isEqualTo(62);
            assertThat(vmcore.pageBytes()).isEqualTo(PAGE);
            assertThat(vmcore.physBaseOfTextSegment()).contains(-0x1000L);
            assertThat(vmcore.incomplete()).isFalse();
            holdsEveryPage(vmcore, 1500);
        }
        assertThat(warnings.list).isEmpty();
    }

    @Test
    void readsFlattenedDumpsDirectly() throws IOException {
        byte[] whole = dump(300).build();
        ByteBuffer flat = ByteBuffer.allocate(4096 + 3 * 16 + whole.length);
        flat.put(0, "makedumpfile".getBytes(StandardCharsets.US_ASCII)).putLong(16, 1).putLong(24, 1).position(4096);
        int half = whole.length / 2;
        flat.putLong(half).putLong(whole.length - half).put(whole, half, whole.length - half);
        flat.putLong(0).putLong(half).put(whole, 0, half).putLong(-1).putLong(-1);
        try (Vmcore vmcore = open(flat.array())) {
            holdsEveryPage(vmcore, 300);
        }
        assertThat(warnings.list).isEmpty();
    }

    /// 256 GiB of them; whoever reads every byte takes minutes.
    @Test
    void skipsTheHolesInTheBitmapsOfAFlattenedFile() throws IOException {
        long pfns = 1L << 40;
        byte[] headers = Arrays.copyOf(dump(300).build(), 2 * PAGE);
        ByteBuffer.wrap(headers).order(ByteOrder.LITTLE_ENDIAN).putInt(436, (int) (2 * pfns / Byte.SIZE / PAGE))
                .putLong(PAGE + 96, pfns);
        long second = 2 * PAGE + pfns / Byte.SIZE;
        byte[] flat = new FlattenedStream().record(0, headers).record(second - 1, new byte[]{(byte) 0x80})
                .record(second + pfns / Byte.SIZE, new byte[PAGE]).end().bytes();
        try (Vmcore vmcore = open(flat)) {
            assertThat(vmcore.maxMapnr()).isEqualTo(pfns);
            PageBitmap existing = vmcore.newExisting(pfns, null);
            assertThat(existing.nextSet(0)).isEqualTo(pfns - 1);
            assertThat(vmcore.isStored(pfns - 1)).isFalse();
            assertThat(vmcore.newPresent(pfns, null).cardinality()).isZero();
        }
    }

    @Test
    void readsTheFlattenedPartOfAStreamCutShort() throws IOException {
        byte[] whole = dump(300).build();
        ByteBuffer flat = ByteBuffer.allocate(4096 + 16 + whole.length);
        flat.put(0, "makedumpfile".getBytes(StandardCharsets.US_ASCII)).putLong(16, 1).putLong(24, 1).position(4096);
        flat.putLong(0).putLong(whole.length).put(whole);
        try (Vmcore vmcore = open(flat.array())) {
            assertThat(vmcore.incomplete()).isTrue();
        }
        assertThat(warnings.list).hasSize(2).first().asString().contains("ends without an end record");
    }

    @Test
    void marksRangesOfPages() throws IOException {
        try (Vmcore vmcore = open(dump(1500).build())) {
            var existing = new PageBitmap(1500);
            var present = new PageBitmap(1500);
            vmcore.markExisting(new PfnRange(100, 900), existing);
            vmcore.markPresent(new PfnRange(100, 900), present);
            for (long pfn = 0; pfn < 1500; pfn++) {
                boolean inside = pfn >= 100 && pfn < 900;
                assertThat(existing.get(pfn)).as("pfn %d", pfn).isEqualTo(inside && !isHole(pfn));
                assertThat(present.get(pfn)).as("pfn %d", pfn)
                        .isEqualTo(inside && !isHole(pfn) && !isExcluded(pfn));
            }
        }
    }

    @Test
    void readsAllHeaderVersions() throws IOException {
        for (int version = 1; version <= 9; version++) {
            try (Vmcore vmcore = open(dump(200).version(version).build())) {
                holdsEveryPage(vmcore, 200);
                assertThat(vmcore.dumpLevel()).isEqualTo(17);
                assertThat(vmcore.vmcoreinfo().isPresent()).as("version %d", version).isEqualTo(version >= 3);
                assertThat(vmcore.notes().hasRemaining()).as("version %d", version).isEqualTo(version >= 3);
            }
        }
    }

    @Test
    void makesANoteOfAVmcoreinfoThatIsInNone() throws IOException {
        try (Vmcore four = open(dump(200).version(4).build()); Vmcore three = open(dump(200).version(3).build())) {
            assertThat(three.notes()).isEqualTo(four.notes());
            assertThat(new String(three.vmcoreinfo().orElseThrow(), StandardCharsets.US_ASCII))
                    .isEqualTo("OSRELEASE=6.1.0\nPAGESIZE=4096\n");
        }
    }

    @Test
    void takesPagesOfTheSecondBitmapAloneForExisting() throws IOException {
        byte[] bytes = dump(200).build();
        int firstBitmap = 2 * PAGE;
        bytes[firstBitmap] = 0;
        try (Vmcore vmcore = open(bytes)) {
            var existing = new PageBitmap(200);
            vmcore.markExisting(new PfnRange(0, 8), existing);
            assertThat(existing.get(1)).isTrue();
            holdsEveryPage(vmcore, 200);
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("the 2nd has pages that the 1st has not");
    }

    @Test
    void refusesMachinesThatAreNotSupported() throws IOException {
        byte[] bytes = dump(200).machine("vax").build();
        assertThatThrownBy(() -> open(bytes)).isInstanceOf(UnsupportedDumpException.class)
                .hasMessageContaining("kdump main header: machine of utsname is \"vax\"; supported: ")
                .hasMessageContaining("x86_64");
        byte[] reversed = new SplitDumpBuilder(100, ByteOrder.BIG_ENDIAN).build();
        assertThatThrownBy(() -> open(reversed)).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("byte order must be LITTLE_ENDIAN on x86_64 but was BIG_ENDIAN");
    }

    @Test
    void readsManyPagesInOneRead() throws IOException {
        var dump = new SplitDumpBuilder(256);
        for (long pfn = 0; pfn < 256; pfn++) {
            dump.page(pfn, PagePattern.TEXT.page(pfn, SEED), PlainKdumpReader.ZSTD);
        }
        Path path = dump.write(directory.resolve("dump"));
        var counted = new FaultyDumpFile(FileDumpFile.open(path), 0, 0);
        try (Vmcore vmcore = VmcoreOpener.open(counted, warnings); PageReader reader = vmcore.newReader()) {
            counted.reads.clear();
            read(reader, 0, 64 * PAGE, true);
            assertThat(counted.reads).hasSizeLessThanOrEqualTo(3);
        }
    }

    @Test
    void failsCleanlyOnEveryPrefix() throws IOException {
        byte[] whole = dump(40).build();
        for (int length = 1; length < whole.length; length += length < 600 ? 7 : 997) {
            byte[] prefix = Arrays.copyOf(whole, length);
            try (Vmcore vmcore = open(prefix); PageReader reader = vmcore.newReader()) {
                read(reader, 0, 40 * PAGE, true);
                assertThat(vmcore.missingPages() + vmcore.unreadablePages()).as("prefix of %d", length)
                        .isPositive();
            } catch (DumpException refused) {
                assertThat(refused).as("prefix of %d", length).hasMessageStartingWith("[" + directory);
            }
        }
    }
}
