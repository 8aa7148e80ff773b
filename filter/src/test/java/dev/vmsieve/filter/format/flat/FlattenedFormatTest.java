// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// Header block and records of the flattened form: bytes as the format says, and each rule broken once.
class FlattenedFormatTest {
    private static ByteBuffer header(long type, long version) {
        ByteBuffer block = ByteBuffer.allocate(FlattenedHeader.BYTES);
        new FlattenedHeader(type, version).write(block);
        return block.flip();
    }

    private static ByteBuffer record(long offset, long size) {
        return ByteBuffer.allocate(16).putLong(offset).putLong(size).flip();
    }

    @Test
    void writesTheHeaderBlockByteForByte() {
        byte[] expected = new byte[4096];
        System.arraycopy("makedumpfile".getBytes(StandardCharsets.US_ASCII), 0, expected, 0, 12);
        expected[23] = 1;
        expected[31] = 1;
        ByteBuffer dirty = ByteBuffer.allocate(5000).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 5000; i++) {
            dirty.put(i, (byte) 0xee);
        }
        dirty.position(100);
        FlattenedHeader.CURRENT.write(dirty);
        assertThat(dirty.position()).isEqualTo(4196);
        byte[] written = new byte[4096];
        dirty.get(100, written);
        assertThat(written).isEqualTo(expected);
        assertThat(dirty.get(99)).isEqualTo((byte) 0xee);
        assertThat(dirty.get(4196)).isEqualTo((byte) 0xee);
    }

    @Test
    void readsWhatItWrites() throws Exception {
        assertThat(FlattenedHeader.read("f", header(1, 1))).isEqualTo(FlattenedHeader.CURRENT);
    }

    @Test
    void acceptsAnyPadding() throws Exception {
        ByteBuffer block = header(1, 1);
        block.put(32, (byte) 7).put(4095, (byte) 9);
        assertThat(FlattenedHeader.read("f", block)).isEqualTo(FlattenedHeader.CURRENT);
    }

    @Test
    void rejectsAnotherSignature() {
        ByteBuffer block = header(1, 1).put(3, (byte) 'x').put(12, (byte) 1);
        assertThatThrownBy(() -> FlattenedHeader.read("stdin", block)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[stdin] flattened header: signature must be \"makedumpfile\" but was"
                        + " \"makxdumpfile\\x01\\x00\\x00\\x00\" (offset 0x0)");
    }

    @Test
    void rejectsNothingAtAll() {
        assertThatThrownBy(() -> FlattenedHeader.read("stdin", ByteBuffer.allocate(0)))
                .hasMessage(
                        "[stdin] flattened header: signature must be \"makedumpfile\" but was nothing (offset 0x0)");
    }

    @Test
    void rejectsAShortHeaderBlock() {
        ByteBuffer block = header(1, 1).limit(4095);
        assertThatThrownBy(() -> FlattenedHeader.read("f", block)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[f] flattened header: ends after 4095 bytes, expected 4096");
    }

    @Test
    void rejectsAnotherType() {
        assertThatThrownBy(() -> FlattenedHeader.read("f", header(2, 1))).isInstanceOf(UnsupportedDumpException.class)
                .hasMessage("[f] flattened header: type must be 1 but was 2 (offset 0x10)");
    }

    @Test
    void rejectsAnotherVersion() {
        assertThatThrownBy(() -> FlattenedHeader.read("f", header(1, -1))).isInstanceOf(UnsupportedDumpException.class)
                .hasMessage("[f] flattened header: version must be 1 but was -1 (offset 0x18)");
    }

    @Test
    void writesRecordsBigEndianIntoAnyBuffer() {
        for (ByteOrder order : new ByteOrder[]{ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            ByteBuffer target = ByteBuffer.allocate(32).order(order);
            new FlattenedRecord(0x0102030405060708L, 0x11).write(target);
            FlattenedRecord.END.write(target);
            assertThat(target.array()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0x11, -1, -1, -1,
                    -1,
                    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
        }
    }

    @Test
    void readsRecordsFromABufferOfAnyOrder() throws Exception {
        for (ByteOrder order : new ByteOrder[]{ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            ByteBuffer source = record(4200, 17).order(order);
            FlattenedRecord read = FlattenedRecord.read("f", 4096, source);
            assertThat(read).isEqualTo(new FlattenedRecord(4200, 17));
            assertThat(read.end()).isEqualTo(4217);
            assertThat(source.remaining()).isZero();
        }
    }

    @Test
    void tellsTheEnd() throws Exception {
        assertThat(FlattenedRecord.read("f", 0, record(-1, -1))).matches(FlattenedRecord::isEnd)
                .matches(FlattenedRecord::isProperEnd);
        assertThat(FlattenedRecord.read("f", 0, record(-1, 5))).matches(FlattenedRecord::isEnd)
                .matches(end -> !end.isProperEnd());
        assertThat(FlattenedRecord.read("f", 0, record(0, 0))).matches(empty -> !empty.isEnd());
    }

    @Test
    void rejectsANegativeOffset() {
        assertThatThrownBy(() -> FlattenedRecord.read("f", 0x1000, record(-2, 5)))
                .isInstanceOf(CorruptDumpException.class)
                .hasMessage("[f] flattened record: offset must not be negative but was -2 (offset 0x1000)");
    }

    @Test
    void rejectsANegativeSize() {
        assertThatThrownBy(() -> FlattenedRecord.read("f", 0x1000, record(0, -1)))
                .isInstanceOf(CorruptDumpException.class)
                .hasMessage("[f] flattened record: size must not be negative but was -1 (offset 0x1008)");
    }

    @Test
    void rejectsARecordBeyondTheLargestOffset() {
        assertThatThrownBy(() -> FlattenedRecord.read("f", 0x1000, record(Long.MAX_VALUE, 1)))
                .isInstanceOf(CorruptDumpException.class).hasMessage("[f] flattened record: offset 0x7fffffffffffffff"
                        + " + size 0x1 must stay below 2^63 (offset 0x1000)");
    }
}
