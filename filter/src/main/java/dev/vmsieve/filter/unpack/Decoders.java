// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.tukaani.xz.SeekableXZInputStream;
import org.tukaani.xz.XZInputStream;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStream;

import dev.vmsieve.filter.codec.NativeLibraries;
import dev.vmsieve.filter.io.DumpFile;

import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.xxhash.XXHashFactory;

/// The streams that undo each packing. All of them read several members in a row, as the tools write and accept.
final class Decoders {
    /// Largest window of `zstd --long`, as a power of two.
    private static final int MOST_WINDOW_LOG = 31;
    /// Window and dictionary that Linux's own decoders take for an initramfs, or less.
    private static final int BOUNDED_WINDOW_LOG = 27;
    private static final int BOUNDED_XZ_KIB = 34 << 10;
    /// What `xz -9` needs, 64 MiB, and a little; the next larger dictionary has 96 MiB. It lies on the heap, of which the
    /// launchers give 128 MiB: 85 of them to what stays.
    private static final int MOST_XZ_KIB = 72 << 10;
    private static final int HEAD_BYTES = 18;
    /// Where the flags of an lz4 frame are.
    private static final int LZ4_FLAGS = 4;
    private static final int LZ4_SIZE_FLAG = 8;
    private static final int LZ4_INDEPENDENT_FLAG = 32;

    private Decoders() {}

    /// Undoes the packing; the stream's damage rises as an IOException.
    static InputStream open(Packing packing, InputStream packed) throws IOException {
        return switch (packing) {
            case GZIP -> GzipCompressorInputStream.builder().setInputStream(packed).setDecompressConcatenated(true)
                    .get();
            case XZ -> new XZInputStream(packed, MOST_XZ_KIB);
            case ZSTD -> zstd(packed, MOST_WINDOW_LOG);
            case LZ4 -> lz4(packed);
            case BZIP2 -> new BZip2CompressorInputStream(packed, true);
        };
    }

    /// The same for data that nobody vouches for: what asks for much memory is refused.
    static InputStream openBounded(Packing packing, InputStream packed) throws IOException {
        return switch (packing) {
            case XZ -> new XZInputStream(packed, BOUNDED_XZ_KIB);
            case ZSTD -> zstd(packed, BOUNDED_WINDOW_LOG);
            case GZIP, LZ4, BZIP2 -> open(packing, packed);
        };
    }

    /// Bytes that the file has at least when it is unpacked, as far as its format tells.
    static long leastBytes(Packing packing, DumpFile file) throws IOException {
        long known = switch (packing) {
            case GZIP -> gzipBytes(file);
            case XZ -> xzBytes(file);
            case ZSTD -> zstdBytes(file);
            case LZ4 -> lz4Bytes(file);
            case BZIP2 -> 0;
        };
        return Math.max(known, file.size());
    }

    /// Blocks that need the one before (`lz4 -BD`) take the slower decoder.
    private static InputStream lz4(InputStream packed) throws IOException {
        byte[] first = packed.readNBytes(LZ4_FLAGS + 1);
        var all = new SequenceInputStream(new ByteArrayInputStream(first), packed);
        return first.length > LZ4_FLAGS && (first[LZ4_FLAGS] & LZ4_INDEPENDENT_FLAG) == 0
                ? new FramedLZ4CompressorInputStream(all, true)
                : new LZ4FrameInputStream(all, LZ4Factory.safeInstance().safeDecompressor(),
                        XXHashFactory.safeInstance().hash32());
    }

    private static InputStream zstd(InputStream packed, int windowLog) throws IOException {
        NativeLibraries.loadZstd();
        return new ZstdInputStream(packed).setLongMax(windowLog);
    }

    private static long zstdBytes(DumpFile file) throws IOException {
        NativeLibraries.loadZstd();
        return Zstd.getFrameContentSize(head(file).array());
    }

    private static ByteBuffer head(DumpFile file) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read(0, head);
        return head;
    }

    /// The last word of a gzip file is the length modulo 4 GiB of its last member.
    private static long gzipBytes(DumpFile file) throws IOException {
        ByteBuffer tail = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read(Math.max(0, file.size() - Integer.BYTES), tail);
        return Integer.toUnsignedLong(tail.getInt(0));
    }

    /// The index at the end of an xz file; a damaged one is met again, and told, when the file is unpacked.
    private static long xzBytes(DumpFile file) throws IOException {
        try (var stream = new SeekableXZInputStream(new DumpFileInput(file), MOST_XZ_KIB)) {
            return stream.length();
        } catch (IOException damaged) {
            return 0;
        }
    }

    private static long lz4Bytes(DumpFile file) throws IOException {
        ByteBuffer head = head(file);
        return (head.get(LZ4_FLAGS) & LZ4_SIZE_FLAG) == 0 ? 0 : head.getLong(6);
    }
}
