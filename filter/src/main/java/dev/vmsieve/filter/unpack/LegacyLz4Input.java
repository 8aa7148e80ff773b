// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/// The legacy frame of lz4: a magic, then blocks of at most 8 MiB, each after its packed length; no end mark, so it ends
/// with the file (lib/decompress_unlz4.c in Linux, "Legacy frame" in doc/lz4_Frame_format.md of lz4). A further magic may
/// begin another frame; anything that is no block's length ends the data, since kernels append their unpacked size.
final class LegacyLz4Input extends InputStream {
    private static final int MAGIC = 0x184c2102;
    private static final int BLOCK_BYTES = 8 << 20;
    /// LZ4_compressBound of a block.
    private static final int MOST_PACKED_BYTES = BLOCK_BYTES + BLOCK_BYTES / 255 + 16;

    private final InputStream packed;
    private final LZ4SafeDecompressor decoder = LZ4Factory.safeInstance().safeDecompressor();
    private final byte[] block = new byte[BLOCK_BYTES];
    private int at;
    private int end;
    private boolean last;

    LegacyLz4Input(InputStream packed) throws IOException {
        this.packed = packed;
        if (word() != MAGIC) {
            throw new IOException("the frame does not begin with its magic");
        }
    }

    /// True if a file with these first bytes is one.
    static boolean recognises(byte[] first) {
        return first.length >= Integer.BYTES
                && ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getInt() == MAGIC;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (at == end && !last) {
            fill();
        }
        int count = Math.min(length, end - at);
        System.arraycopy(block, at, target, offset, count);
        at += count;
        return count == 0 ? -1 : count;
    }

    private void fill() throws IOException {
        long bytes = word();
        if (bytes == MAGIC) {
            return;
        }
        if (bytes <= 0 || bytes > MOST_PACKED_BYTES) {
            last = true;
            return;
        }
        byte[] source = packed.readNBytes((int) bytes);
        if (source.length < bytes && source.length > 0) {
            throw new IOException("a block of " + bytes + " bytes has only " + source.length);
        }
        last = source.length == 0;
        at = 0;
        end = last ? 0 : decoder.decompress(source, 0, source.length, block, 0);
    }

    /// The next little-endian word, -1 at the end.
    private long word() throws IOException {
        byte[] bytes = packed.readNBytes(Integer.BYTES);
        return bytes.length < Integer.BYTES
                ? -1
                : Integer.toUnsignedLong(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt());
    }

    @Override
    public void close() throws IOException {
        packed.close();
    }
}
