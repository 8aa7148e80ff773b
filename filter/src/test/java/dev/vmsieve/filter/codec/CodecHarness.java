// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

import dev.vmsieve.filter.io.CorruptDumpException;

/// Runs a codec on arrays, through direct buffers whose bytes around the allowed range are watched.
final class CodecHarness implements AutoCloseable {
    private static final int PADDING = 61; // odd, so that nothing is aligned
    private static final byte CANARY = (byte) 0xa5;

    private final PageCodec codec;

    CodecHarness(Compression compression) {
        this(compression.newCodec());
    }

    CodecHarness(PageCodec codec) {
        this.codec = codec;
    }

    /// The page compressed, or empty where it does not shrink; asserts that nothing else was touched.
    Optional<byte[]> compress(byte[] page) {
        int room = codec.maxCompressedBytes(page.length);
        ByteBuffer source = padded(page, page.length);
        ByteBuffer target = padded(new byte[0], room);
        int bytes = codec.compress(source, PADDING, page.length, target, PADDING);
        assertPaddingIntact(source, page.length);
        assertPaddingIntact(target, room);
        assertThat(content(source, page.length)).as("the source after compressing").isEqualTo(page);
        if (bytes == PageCodec.DOES_NOT_SHRINK) {
            return Optional.empty();
        }
        assertThat(bytes).as("compressed bytes").isBetween(1, page.length - 1);
        return Optional.of(content(target, bytes));
    }

    /// The page of that stream; asserts, also where the stream is broken, that nothing outside the page was touched.
    byte[] decompress(byte[] stream, int pageBytes) throws CorruptDumpException {
        ByteBuffer source = padded(stream, stream.length);
        ByteBuffer target = padded(new byte[0], pageBytes);
        try {
            codec.decompress(source, PADDING, stream.length, target, PADDING, pageBytes);
        } finally {
            assertPaddingIntact(source, stream.length);
            assertPaddingIntact(target, pageBytes);
            assertThat(content(source, stream.length)).as("the source after decompressing").isEqualTo(stream);
        }
        return content(target, pageBytes);
    }

    private static ByteBuffer padded(byte[] content, int bytes) {
        byte[] all = new byte[PADDING + bytes + PADDING];
        Arrays.fill(all, CANARY);
        System.arraycopy(content, 0, all, PADDING, content.length);
        return ByteBuffer.allocateDirect(all.length).put(all).position(3).limit(all.length - 1);
    }

    private static byte[] content(ByteBuffer buffer, int bytes) {
        byte[] content = new byte[bytes];
        buffer.get(PADDING, content);
        return content;
    }

    private static void assertPaddingIntact(ByteBuffer buffer, int bytes) {
        assertThat(buffer.position()).as("position").isEqualTo(3);
        assertThat(buffer.limit()).as("limit").isEqualTo(bytes + 2 * PADDING - 1);
        for (int i = 0; i < PADDING - 1; i++) {
            if (buffer.get(i) != CANARY || buffer.get(PADDING + bytes + i) != CANARY) {
                throw new AssertionError("a byte outside the range was changed: number " + i + " before or after it");
            }
        }
    }

    @Override
    public void close() {
        codec.close();
    }
}
