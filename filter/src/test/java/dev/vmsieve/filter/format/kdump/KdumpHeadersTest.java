// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.kdump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// One good pair of headers, then one thing wrong with it at a time.
class KdumpHeadersTest {
    private static final int BLOCK = 4096;
    private static final long PFNS = 196_576;
    private static final long FILE_BYTES = 10 << 20;
    private static final int SUB = BLOCK;

    /// The sample file of the format's documentation: notes of 4040 bytes, 196576 pfns, descriptors at 61440.
    private static ByteBuffer sample(ByteOrder order) {
        KdumpLayout layout = KdumpLayout.of(BLOCK, PFNS, 4040);
        byte[] utsname = new byte[KdumpFormat.UTSNAME_BYTES];
        System.arraycopy("x86_64".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, utsname, 260, 6);
        ByteBuffer bytes = ByteBuffer.allocate(KdumpFormat.HEADERS_BYTES).order(order);
        new DiskDumpHeader(6, utsname, 1_700_000_000L, StorageFlag.LZO.bit() | StorageFlag.INCOMPLETE.bit(), BLOCK,
                layout.subHeaderBlocks(), layout.bitmapBlocks(), PFNS, 2).write(bytes);
        new KdumpSubHeader(-585105408L, 31, 0, 0, 0, new FileRegion(4936, 3302), new FileRegion(4200, 4040),
                FileRegion.NONE, PFNS).write(bytes, SUB);
        return bytes;
    }

    private static KdumpHeaders parse(ByteBuffer bytes) throws DumpException {
        return KdumpHeaders.parse("dump", bytes, FILE_BYTES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"LITTLE_ENDIAN", "BIG_ENDIAN"})
    void readsWhatItWrote(String name) throws DumpException {
        ByteOrder order = name.startsWith("L") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        KdumpHeaders headers = parse(sample(order));
        assertThat(headers.order()).isEqualTo(order);
        assertThat(headers.main().machine()).isEqualTo("x86_64");
        assertThat(headers.main().timestampSeconds()).isEqualTo(1_700_000_000L);
        assertThat(headers.main().cpus()).isEqualTo(2);
        assertThat(headers.incomplete()).isTrue();
        assertThat(headers.sub()).isEqualTo(new KdumpSubHeader(-585105408L, 31, 0, 0, 0, new FileRegion(4936, 3302),
                new FileRegion(4200, 4040), FileRegion.NONE, PFNS));
        assertThat(headers.maxMapnr()).isEqualTo(PFNS);
        assertThat(headers.maxMapnrDiffers()).isFalse();
        KdumpLayout layout = headers.layout();
        assertThat(layout.subHeaderBlocks()).isEqualTo(2);
        assertThat(layout.bitmapBlocks()).isEqualTo(12);
        assertThat(layout.notesOffset()).isEqualTo(4200);
        assertThat(layout.firstBitmapOffset()).isEqualTo(12288);
        assertThat(layout.secondBitmapOffset()).isEqualTo(12288 + 6 * 4096);
        assertThat(layout.descriptorsOffset()).isEqualTo(61440);
        assertThat(layout.descriptorOffset(23706)).isEqualTo(630_384);
    }

    @Test
    void readsEqualHeadersFromEqualBytes() throws DumpException {
        KdumpHeaders one = parse(sample(ByteOrder.LITTLE_ENDIAN));
        KdumpHeaders two = parse(sample(ByteOrder.LITTLE_ENDIAN));
        assertThat(one).isEqualTo(two).hasSameHashCodeAs(two);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
              8 | -1         | main header: header_version must not be negative but was -1
            428 | 0          | main header: block_size must be a power of two from 4096 to 262144 but was 0
            428 | -4096      | main header: block_size must be a power of two from 4096 to 262144 but was -4096
            428 | 3000       | main header: block_size must be a power of two from 4096 to 262144 but was 3000
            428 | 1073741824 | main header: block_size must be a power of two from 4096 to 262144 but was 1073741824
            432 | 0          | main header: sub_hdr_size must be at least 1 and inside the file but was 0
            432 | -1         | main header: sub_hdr_size must be at least 1 and inside the file but was -1
            432 | 2560       | main header: sub_hdr_size must be at least 1 and inside the file but was 2560
            436 | 0          | main header: bitmap_blocks must be at least 1 and inside the file but was 0
            436 | -1         | main header: bitmap_blocks must be at least 1 and inside the file but was 4294967295
            436 | 5          | main header: bitmap_blocks must hold 196576 bits but was 5
            436 | 13         | main header: bitmap_blocks must be even for two bitmaps but was 13
            """)
    void rejectsAWrongFieldOfTheMainHeader(int offset, int value, String message) {
        ByteBuffer bytes = sample(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        assertThatThrownBy(() -> parse(bytes)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[dump] kdump " + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
             96 | 0             | max_mapnr must be 1 to 1099511627776 but was 0
             96 | -1            | max_mapnr must be 1 to 1099511627776 but was 18446744073709551615
             96 | 1099511627777 | max_mapnr must be 1 to 1099511627776 but was 1099511627777
             56 | -1            | size_note must be 0 to 10485760 but was -1
             56 | 10485761      | size_note must be 0 to 10485760 but was 10485761
             48 | -1            | offset_note must lie inside the file but was 0xffffffffffffffff with size 4040
             48 | 10481721      | offset_note must lie inside the file but was 0x9ff039 with size 4040
             40 | 1099511627776 | size_vmcoreinfo must be 0 to 10485760 but was 1099511627776
             32 | -5            | offset_vmcoreinfo must lie inside the file but was 0xfffffffffffffffb with size 3302
            """)
    void rejectsAWrongFieldOfTheSubHeader(int offset, long value, String message) {
        ByteBuffer bytes = sample(ByteOrder.LITTLE_ENDIAN).putLong(SUB + offset, value);
        assertThatThrownBy(() -> parse(bytes)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[dump] kdump sub header: " + message);
    }

    @ParameterizedTest
    @CsvSource({"10, 9", "0, 196577", "-1, 5"})
    void rejectsASplitRangeThatIsNone(long start, long end) {
        ByteBuffer bytes = sample(ByteOrder.LITTLE_ENDIAN).putInt(SUB + 12, 1).putLong(SUB + 80, start)
                .putLong(SUB + 88, end);
        assertThatThrownBy(() -> parse(bytes)).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("start_pfn and end_pfn must be a range up to max_mapnr 196576 but were " + start
                        + " and " + end);
    }

    @Test
    void rejectsFilesOfOtherKinds() {
        ByteBuffer old = sample(ByteOrder.LITTLE_ENDIAN);
        old.put(0, "DISKDUMP".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> parse(old)).isInstanceOf(UnsupportedDumpException.class)
                .hasMessageContaining("the old diskdump format");
        ByteBuffer other = sample(ByteOrder.LITTLE_ENDIAN).put(7, (byte) 'x');
        assertThatThrownBy(() -> parse(other)).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("signature must be \"KDUMP   \" but was 0x");
    }

    @Test
    void namesTheLayoutOf32BitMachines() {
        ByteBuffer bytes = ByteBuffer.allocate(KdumpFormat.HEADERS_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(0, KdumpFormat.SIGNATURE.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        bytes.putInt(8, 6).putInt(412, 1).putInt(416, 4096).putInt(420, 1).putInt(424, 2).putInt(428, 1000);
        assertThatThrownBy(() -> parse(bytes)).isInstanceOf(UnsupportedDumpException.class)
                .hasMessageContaining("layout is that of a 32-bit machine");
    }

    /// Fields of later versions are not there, whatever lies in their place.
    @ParameterizedTest
    @CsvSource({"0, 0, 0, 0", "1, 31, 0, 0", "3, 31, 3302, 0", "4, 31, 3302, 4040", "9, 31, 3302, 4040"})
    void readsOnlyTheFieldsOfTheVersion(int version, int level, long vmcoreinfoBytes, long noteBytes)
            throws DumpException {
        KdumpHeaders headers = parse(sample(ByteOrder.LITTLE_ENDIAN).putInt(8, version));
        assertThat(headers.sub().dumpLevel()).isEqualTo(level);
        assertThat(headers.sub().vmcoreinfo().bytes()).isEqualTo(vmcoreinfoBytes);
        assertThat(headers.sub().notes().bytes()).isEqualTo(noteBytes);
        assertThat(headers.maxMapnr()).isEqualTo(PFNS);
    }

    @Test
    void takesOneBitmapForBothWhereTwoDoNotFit() throws DumpException {
        KdumpHeaders headers = parse(sample(ByteOrder.LITTLE_ENDIAN).putInt(436, 7));
        assertThat(headers.layout().bitmaps()).isEqualTo(1);
        assertThat(headers.layout().secondBitmapOffset()).isEqualTo(headers.layout().firstBitmapOffset());
    }

    @Test
    void tellsThatTheTwoFieldsOfMaxMapnrDiffer() throws DumpException {
        assertThat(parse(sample(ByteOrder.LITTLE_ENDIAN).putInt(440, 5)).maxMapnrDiffers()).isTrue();
    }

    @Test
    void rejectsDescriptorsBeyondTheEnd() throws DumpException {
        KdumpHeaders headers = parse(sample(ByteOrder.LITTLE_ENDIAN));
        headers.checkDescriptors("dump", 23706, 630_384);
        assertThatThrownBy(() -> headers.checkDescriptors("dump", 23706, 630_383))
                .isInstanceOf(CorruptDumpException.class).hasMessage("[dump] kdump page descriptors: the 2nd bitmap "
                        + "has 23706 pages, whose descriptors end at 0x99e70, but the file ends at 0x99e6f");
    }

    @ParameterizedTest
    @CsvSource({"4096, 4200", "65536, 65640", "262144, 262248", "524288, 4200", "0, 4200", "3000, 4200"})
    void tellsHowManyBytesHoldTheHeaders(int blockBytes, int bytes) {
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            ByteBuffer head = sample(order).putInt(428, blockBytes);
            assertThat(KdumpHeaders.bytes(head)).as("%s", order).isEqualTo(bytes);
            assertThat(KdumpHeaders.bytes(head.limit(KdumpFormat.MAIN_HEADER_BYTES - 1))).isEqualTo(4200);
        }
    }

    @Test
    void rejectsEveryFileCutInItsHeaders() {
        ByteBuffer bytes = sample(ByteOrder.LITTLE_ENDIAN);
        for (int length = 0; length < BLOCK + KdumpFormat.SUB_HEADER_BYTES; length++) {
            ByteBuffer cut = bytes.duplicate().limit(length);
            int fileBytes = length;
            assertThatThrownBy(() -> KdumpHeaders.parse("dump", cut, fileBytes)).as("cut at %d", length)
                    .isInstanceOf(CorruptDumpException.class).hasMessageStartingWith("[dump] kdump ");
        }
    }

    @Test
    void survivesRandomDamage() {
        for (int seed = 0; seed < 20_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ByteBuffer bytes = sample(ByteOrder.LITTLE_ENDIAN);
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                int at = random.nextBoolean() ? random.nextInt(8, 464) : SUB + random.nextInt(104);
                bytes.put(at, (byte) random.nextInt());
            }
            try {
                KdumpHeaders headers = parse(bytes);
                assertThat(headers.layout().descriptorsOffset()).as("seed %d", seed).isLessThanOrEqualTo(FILE_BYTES);
                assertThat(headers.layout().bitmapBytes() * 8).isGreaterThanOrEqualTo(headers.maxMapnr());
            } catch (DumpException e) {
                assertThat(e).as("seed %d", seed).hasMessageStartingWith("[dump] kdump ");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1000 | 0    | 2 | size must be 1 to 4096 but was 0
            1000 | 4097 | 2 | size must be 1 to 4096 but was 4097
            1000 | -1   | 2 | size must be 1 to 4096 but was 4294967295
            1000 | 100  | 0 | size must be 4096 but was 100
            1000 | 100  | 8 | size must be 4096 but was 100
            -5   | 4096 | 0 | offset must lie inside the file but was -5 with size 4096
            5905 | 4096 | 0 | offset must lie inside the file but was 5905 with size 4096
            100  | 100  | 1 | offset must lie inside the file but was 100 with size 100
            """)
    void rejectsADescriptorByWhichNoPageCanBeRead(long offset, int bytes, int flags, String message) {
        PageDescriptor page = new PageDescriptor(offset, bytes, flags, 0);
        assertThatThrownBy(() -> page.check("dump", 77, 4096, 10_000)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[dump] page descriptor of pfn 77: " + message);
    }

    @Test
    void readsTheDescriptorItWrote() {
        ByteBuffer bytes = ByteBuffer.allocate(48).order(ByteOrder.BIG_ENDIAN).putLong(40, -1);
        PageDescriptor.put(bytes, 24, 1L << 40, 4095, StorageFlag.ZSTD.bit());
        PageDescriptor page = PageDescriptor.parse(bytes, 24);
        assertThat(page).isEqualTo(new PageDescriptor(1L << 40, 4095, 0x20, 0));
        assertThat(page.missing()).isFalse();
        assertThat(new PageDescriptor(0, 0, 0, 0).missing()).isTrue();
        assertThatCode(() -> page.check("dump", 1, 4096, Long.MAX_VALUE)).doesNotThrowAnyException();
    }
}
