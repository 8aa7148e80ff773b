// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;

/// Flattened streams stated record by record, made without the code under test.
final class FlattenedStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /// A stream with a sound header block.
    FlattenedStream() {
        ByteBuffer block = ByteBuffer.allocate(4096);
        block.put("makedumpfile".getBytes(StandardCharsets.US_ASCII)).putLong(16, 1).putLong(24, 1);
        bytes.writeBytes(block.array());
    }

    /// A record with its data.
    FlattenedStream record(long offset, byte[] data) {
        return numbers(offset, data.length).raw(data);
    }

    /// A record without data.
    FlattenedStream numbers(long offset, long size) {
        return raw(ByteBuffer.allocate(16).putLong(offset).putLong(size).array());
    }

    /// The end record.
    FlattenedStream end() {
        return numbers(-1, -1);
    }

    /// Any bytes.
    FlattenedStream raw(byte[] data) {
        bytes.writeBytes(data);
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    ReadableByteChannel channel() {
        return Channels.newChannel(new ByteArrayInputStream(bytes()));
    }

    /// The main header of a 64-bit little-endian kdump file, status 1, in 464 bytes.
    static byte[] kdumpHeader() {
        ByteBuffer header = ByteBuffer.allocate(464).order(ByteOrder.LITTLE_ENDIAN);
        header.put("KDUMP   ".getBytes(StandardCharsets.US_ASCII));
        header.putInt(8, 6).putInt(424, 1).putInt(428, 4096).putInt(432, 2).putInt(436, 2).putInt(440, 100);
        return header.array();
    }

    /// The header of a 64-bit little-endian ELF core file.
    static byte[] elfHeader() {
        ByteBuffer header = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        header.put(new byte[]{0x7f, 'E', 'L', 'F', 2, 1, 1});
        header.putShort(16, (short) 4).putShort(18, (short) 62).putInt(20, 1).putLong(32, 64).putShort(52, (short) 64)
                .putShort(54, (short) 56).putShort(56, (short) 2);
        return header.array();
    }
}
