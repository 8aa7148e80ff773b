// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.extent.ExtentSorter;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.FlattenedStream;

/// A flattened file read directly, held against an array filled record by record.
class FlattenedFileTest {
    private static final int HEADER = 64;

    @TempDir
    private Path folder;

    private FlattenedStream stream = new FlattenedStream();
    private final List<String> warnings = new ArrayList<>();
    private final Progress progress = Progress.warnings(warnings::add);

    private static byte[] filled(int length, int value) {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) value);
        return data;
    }

    private FlattenedFile open() throws IOException {
        return FlattenedFile.open(new BytesFile(stream.bytes()), folder, progress);
    }

    private static byte[] read(FlattenedFile file, long offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length + 2).position(1).limit(length + 1);
        int read = file.read(offset, target);
        assertThat(target.position()).isEqualTo(1 + read);
        assertThat(target.limit()).isEqualTo(length + 1);
        return Arrays.copyOfRange(target.array(), 1, 1 + read);
    }

    /// A dump file in memory.
    private static final class BytesFile implements DumpFile {
        private final byte[] bytes;

        BytesFile(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public Path path() {
            return Path.of("flat");
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public int read(long offset, ByteBuffer target) {
            int length = (int) Math.min(target.remaining(), Math.max(bytes.length - offset, 0));
            if (length > 0) {
                target.put(bytes, (int) offset, length);
            }
            return length;
        }

        @Override
        public void close() {}
    }

    @Test
    void readsRecordsAndTheGapsBetweenThem() throws IOException {
        stream.record(200, filled(10, 2));
        stream.record(0, filled(HEADER, 1));
        stream.record(210, filled(5, 3));
        stream.numbers(-1, -1);
        FlattenedFile file = open();
        byte[] expected = new byte[215];
        Arrays.fill(expected, 0, HEADER, (byte) 1);
        Arrays.fill(expected, 200, 210, (byte) 2);
        Arrays.fill(expected, 210, 215, (byte) 3);
        assertThat(file.size()).isEqualTo(215);
        assertThat(read(file, 0, 215)).isEqualTo(expected);
        assertThat(read(file, 205, 100)).isEqualTo(Arrays.copyOfRange(expected, 205, 215));
        assertThat(read(file, 70, 20)).isEqualTo(new byte[20]);
        assertThat(read(file, 215, 5)).isEmpty();
        assertThat(read(file, 9999, 5)).isEmpty();
        assertThat(file.truncated()).isFalse();
        assertThat(warnings).isEmpty();
    }

    @Test
    void tellsWhereTheNextDataAre() throws IOException {
        stream.record(0, filled(HEADER, 1)).record(1000, filled(10, 2)).record(1L << 50, filled(1, 3)).end();
        try (FlattenedFile file = open()) {
            assertThat(file.nextData(0)).isZero();
            assertThat(file.nextData(HEADER - 1)).isEqualTo(HEADER - 1);
            assertThat(file.nextData(HEADER)).isEqualTo(1000);
            assertThat(file.nextData(1009)).isEqualTo(1009);
            assertThat(file.nextData(1010)).isEqualTo(1L << 50);
            assertThat(file.nextData((1L << 50) + 1)).isEqualTo(file.size());
            assertThat(file.nextData(1L << 51)).isGreaterThanOrEqualTo(1L << 51);
        }
    }

    @Test
    void letsTheLastOfOverlappingRecordsWin() throws IOException {
        stream.record(0, filled(300, 1));
        stream.record(100, filled(50, 2));
        stream.record(90, filled(20, 3));
        stream.record(140, filled(200, 4));
        stream.record(160, filled(10, 5));
        stream.record(160, filled(10, 6));
        stream.numbers(-1, -1);
        byte[] expected = filled(340, 4);
        Arrays.fill(expected, 0, 90, (byte) 1);
        Arrays.fill(expected, 90, 110, (byte) 3);
        Arrays.fill(expected, 110, 140, (byte) 2);
        Arrays.fill(expected, 160, 170, (byte) 6);
        assertThat(read(open(), 0, 1000)).isEqualTo(expected);
    }

    @Test
    void readsAnyRangeOfRandomRecordsRight() throws IOException {
        for (long seed = 0; seed < 40; seed++) {
            var random = new SplittableRandom(seed);
            stream = new FlattenedStream();
            byte[] expected = new byte[40_000];
            int size = HEADER;
            stream.record(0, filled(HEADER, 0x55));
            Arrays.fill(expected, 0, HEADER, (byte) 0x55);
            for (int i = 0; i < 300; i++) {
                int length = random.nextInt(seed % 2 == 0 ? 400 : 20);
                int at = random.nextInt(expected.length - length);
                byte[] data = new byte[length];
                random.nextBytes(data);
                stream.record(at, data);
                System.arraycopy(data, 0, expected, at, length);
                size = length == 0 ? size : Math.max(size, at + length);
            }
            stream.numbers(-1, -1);
            FlattenedFile file = open();
            assertThat(file.size()).as("seed %d", seed).isEqualTo(size);
            for (int i = 0; i < 200; i++) {
                int at = random.nextInt(size);
                int length = random.nextInt(2000);
                assertThat(read(file, at, length)).as("seed %d, %d bytes at %d", seed, length, at)
                        .isEqualTo(Arrays.copyOfRange(expected, at, Math.min(at + length, size)));
            }
        }
    }

    @Test
    void sortsManyRecordsInDescendingOrder() throws IOException {
        int count = 30_000;
        for (int i = count - 1; i >= 0; i--) {
            stream.record(i * 8L, ByteBuffer.allocate(8).putLong(i).array());
        }
        stream.numbers(-1, -1);
        ByteBuffer all = ByteBuffer.wrap(read(open(), 0, count * 8));
        for (int i = 0; i < count; i++) {
            assertThat(all.getLong(i * 8)).isEqualTo(i);
        }
    }

    /// More records than one run and the leaves in memory take, in several runs that overlap; with and without a place for
    /// the work file.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsMoreRecordsThanMemoryHolds(boolean workFile) throws IOException {
        int count = 4 * ExtentSorter.MOST_IN_MEMORY + 1000;
        byte[] expected = new byte[400_000];
        SplittableRandom random = new SplittableRandom(20261121);
        record(expected, 0, filled(HEADER, 1));
        record(expected, expected.length - 1, filled(1, 9));
        for (int i = 0; i < count; i++) {
            byte[] data = new byte[random.nextInt(1, 8)];
            random.nextBytes(data);
            record(expected, i < count / 2 ? 3 * i % 390_000 : random.nextInt(390_000), data);
        }
        stream.numbers(-1, -1);
        if (!workFile) {
            folder = folder.resolve("not there");
        }
        FlattenedFile file = open();
        assertThat(read(file, 0, expected.length)).isEqualTo(expected);
        for (int i = 0; i < 3000; i++) {
            int at = random.nextInt(expected.length);
            assertThat(read(file, at, 20)).isEqualTo(Arrays.copyOfRange(expected, at, Math.min(at + 20,
                    expected.length)));
        }
    }

    private void record(byte[] expected, int at, byte[] data) {
        stream.record(at, data);
        System.arraycopy(data, 0, expected, at, data.length);
    }

    /// Each lies in the one before it.
    @Test
    void rejectsTooManyRecordsOneAboveAnother() throws IOException {
        int most = ExtentSorter.MOST_OPEN;
        for (int i = 0; i < most; i++) {
            stream.record(i, filled(2 * (most - i) + HEADER, i));
        }
        byte[] enough = stream.bytes();
        stream.record(most, filled(HEADER / 2, 7));
        assertThatThrownBy(this::open).isInstanceOf(UnsupportedDumpException.class).hasMessage("[flat] flattened file:"
                + " has more than 4096 records one above another; rearrange it first (-R)");
        stream = new FlattenedStream().raw(Arrays.copyOfRange(enough, FlattenedHeader.BYTES, enough.length));
        byte[] all = read(open(), 0, 3 * most);
        assertThat(all).hasSize(2 * most + HEADER);
        assertThat(all[most - 1]).isEqualTo((byte) (most - 1));
        assertThat(all[all.length - 1]).isZero();
    }

    @Test
    void ignoresGarbageAfterTheEndRecord() throws IOException {
        stream.record(0, filled(HEADER, 1));
        stream.numbers(-1, -1);
        stream.numbers(-9, -9);
        assertThat(open().size()).isEqualTo(HEADER);
        assertThat(warnings).isEmpty();
    }

    @Test
    void opensWhatIsThereOfAFileCutShort() throws IOException {
        stream.record(0, filled(HEADER, 1));
        stream.numbers(100, 1000);
        stream.raw(filled(10, 7));
        FlattenedFile file = open();
        assertThat(file.truncated()).isTrue();
        assertThat(file.size()).isEqualTo(110);
        assertThat(warnings).containsExactly("[flat] flattened file: ends without an end record (offset 0x106a);"
                + " it was cut short, and is read as far as it goes");
    }

    @Test
    void failsOrWarnsOnEveryPrefix() throws IOException {
        stream.record(0, filled(HEADER, 1));
        stream.record(500, filled(30, 2));
        stream.numbers(-1, -1);
        byte[] whole = stream.bytes();
        for (int length = 0; length < whole.length; length++) {
            byte[] prefix = Arrays.copyOf(whole, length);
            warnings.clear();
            if (length < 4096 + 16 + 52) {
                assertThatThrownBy(() -> FlattenedFile.open(new BytesFile(prefix), folder, progress))
                        .as("prefix of %d", length)
                        .isInstanceOf(CorruptDumpException.class).hasMessageStartingWith("[flat] flattened ");
            } else {
                assertThat(FlattenedFile.open(new BytesFile(prefix), folder, progress).truncated()).isTrue();
                assertThat(warnings).hasSize(1);
            }
        }
    }

    @Test
    void rejectsAFileWithoutTheDumpHeader() {
        stream.record(0, filled(40, 1));
        stream.record(41, filled(400, 1));
        stream.numbers(-1, -1);
        assertThatThrownBy(this::open).isInstanceOf(CorruptDumpException.class).hasMessage(
                "[flat] flattened file: no record covers the dump header, byte 40 of the dump file is missing");
    }

    @Test
    void rejectsAFileWithoutRecords() {
        stream.numbers(-1, -1);
        assertThatThrownBy(this::open).hasMessageContaining("byte 0 of the dump file is missing");
    }

    @Test
    void rejectsADamagedRecord() {
        stream.record(0, filled(HEADER, 1));
        stream.numbers(5, -2);
        assertThatThrownBy(this::open).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[flat] flattened record: size must not be negative but was -2 (offset 0x1058)");
    }

    @Test
    void recognisesItsOwnKind() throws IOException {
        assertThat(FlattenedFile.recognises(new BytesFile(stream.bytes()))).isTrue();
        assertThat(FlattenedFile.recognises(new BytesFile(new byte[]{1, 2, 3}))).isFalse();
        assertThat(FlattenedFile.recognises(new BytesFile(new byte[5000]))).isFalse();
    }
}
