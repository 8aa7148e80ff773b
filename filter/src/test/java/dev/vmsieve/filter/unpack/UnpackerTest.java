// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;

import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;
import com.github.luben.zstd.ZstdOutputStream;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;

import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;

class UnpackerTest {
    private static final int BYTES = 300_001;

    @TempDir
    private Path directory;
    private final List<String> warnings = new ArrayList<>();
    private final Progress progress = Progress.warnings(warnings::add);

    /// Noise, then zeroes to the end, so that the work file ends in a hole.
    private static byte[] content() {
        byte[] bytes = new byte[BYTES];
        byte[] noise = new byte[100_000];
        new SplittableRandom(31).nextBytes(noise);
        System.arraycopy(noise, 0, bytes, 0, noise.length);
        return bytes;
    }

    /// With a checksum, as the packings' own tools do.
    static byte[] pack(Packing packing, byte[] content) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (OutputStream out = switch (packing) {
            case GZIP -> new GZIPOutputStream(packed);
            case XZ -> new XZOutputStream(packed, new LZMA2Options(0));
            case ZSTD -> new ZstdOutputStream(packed).setChecksum(true);
            case LZ4 -> new LZ4FrameOutputStream(packed, BLOCKSIZE.SIZE_4MB, FLG.Bits.BLOCK_INDEPENDENCE,
                    FLG.Bits.CONTENT_CHECKSUM);
            case BZIP2 -> new BZip2CompressorOutputStream(packed);
        }) {
            out.write(content);
        }
        return packed.toByteArray();
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("packed"), bytes);
    }

    private byte[] unpack(Packing packing, byte[] packed) throws IOException {
        Path work = Files.createDirectories(directory.resolve("work"));
        try (DumpFile file = FileDumpFile.open(file(packed));
                DumpFile unpacked = Unpacker.unpack(file, packing, Optional.of(work), progress)) {
            try (var left = Files.list(work)) {
                assertThat(left).as("the work file has no name").isEmpty();
            }
            assertThat(unpacked.path()).isEqualTo(file.path());
            ByteBuffer bytes = ByteBuffer.allocate((int) unpacked.size());
            unpacked.read(0, bytes);
            return bytes.array();
        }
    }

    @ParameterizedTest
    @EnumSource
    void unpacksWhatTheToolsWrite(Packing packing) throws IOException {
        byte[] packed = pack(packing, content());
        assertThat(Packing.of(Arrays.copyOf(packed, Packing.FIRST_BYTES))).contains(packing);
        assertThat(unpack(packing, packed)).isEqualTo(content());
        assertThat(warnings).singleElement().asString().startsWith("[" + directory.resolve("packed")
                + "] The input is packed with " + packing.label() + ": it is unpacked to at least 1 MiB in "
                + directory.resolve("work") + ", where ");
    }

    @ParameterizedTest
    @EnumSource
    void unpacksSeveralMembersInARow(Packing packing) throws IOException {
        byte[] one = pack(packing, content());
        byte[] two = Arrays.copyOf(one, 2 * one.length);
        System.arraycopy(one, 0, two, one.length, one.length);
        byte[] twice = Arrays.copyOf(content(), 2 * BYTES);
        System.arraycopy(content(), 0, twice, BYTES, BYTES);
        assertThat(unpack(packing, two)).isEqualTo(twice);
    }

    @ParameterizedTest
    @EnumSource
    void namesFileAndOffsetWhereTheDataIsCutOff(Packing packing) throws IOException {
        byte[] packed = pack(packing, content());
        for (int length : new int[]{packed.length - 1, packed.length / 2, 11}) {
            assertThatThrownBy(() -> unpack(packing, Arrays.copyOf(packed, length))).as("cut at %d", length)
                    .isInstanceOf(CorruptDumpException.class).hasMessageStartingWith("["
                            + directory.resolve("packed") + "] " + packing.label()
                            + " data: must be sound to its end but is damaged or cut off at or before offset 0x"
                            + Integer.toHexString(length) + ": ")
                    .hasMessageNotContaining("null");
        }
    }

    @ParameterizedTest
    @EnumSource
    void neverTakesDamagedDataForSound(Packing packing) throws IOException {
        byte[] packed = pack(packing, content());
        var random = new SplittableRandom(7);
        for (int i = 0; i < 40; i++) {
            byte[] damaged = packed.clone();
            int at = 16 + random.nextInt(packed.length - 16);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            try {
                assertThat(unpack(packing, damaged)).as("seed 7, round %d, byte %d", i, at).isEqualTo(content());
            } catch (CorruptDumpException e) {
                assertThat(e).hasMessageContaining(" data: must be sound to its end but is damaged or cut off at or ");
            }
        }
    }

    /// Made by `python3 -c "print('0123456789abcde\n' * 8192, end='')" | lz4 -B4 -BD`.
    private static byte[] linked() throws IOException {
        try (InputStream resource = UnpackerTest.class.getResourceAsStream("linked.lz4")) {
            return Objects.requireNonNull(resource).readAllBytes();
        }
    }

    private static byte[] contentOfLinked(int times) {
        return "0123456789abcde\n".repeat(8192 * times).getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void unpacksLz4BlocksThatNeedTheOneBefore() throws IOException {
        byte[] packed = linked();
        assertThat(unpack(Packing.LZ4, packed)).isEqualTo(contentOfLinked(1));
        byte[] two = Arrays.copyOf(packed, 2 * packed.length);
        System.arraycopy(packed, 0, two, packed.length, packed.length);
        assertThat(unpack(Packing.LZ4, two)).isEqualTo(contentOfLinked(2));
    }

    @Test
    void neverTakesDamagedLinkedLz4BlocksForSound() throws IOException {
        byte[] packed = linked();
        String told = "lz4 data: must be sound to its end but is damaged or cut off at or before offset 0x";
        for (int at = 4; at < packed.length; at += 3) {
            byte[] damaged = packed.clone();
            damaged[at] ^= 4;
            byte[] cut = Arrays.copyOf(packed, at);
            assertThatThrownBy(() -> unpack(Packing.LZ4, cut)).as("cut at %d", at)
                    .isInstanceOf(CorruptDumpException.class).hasMessageContaining(told);
            try {
                assertThat(unpack(Packing.LZ4, damaged)).as("byte %d", at).isEqualTo(contentOfLinked(1));
            } catch (CorruptDumpException e) {
                assertThat(e).hasMessageContaining(told);
            }
        }
    }

    @Test
    void saysHowMuchIsNeededWhereTheFormatTells() throws IOException {
        byte[] content = new byte[5 << 20];
        for (Packing packing : new Packing[]{Packing.GZIP, Packing.XZ}) {
            warnings.clear();
            unpack(packing, pack(packing, content));
            assertThat(warnings).singleElement().asString().contains("unpacked to at least 5 MiB in ");
        }
    }

    @Test
    void refusesToStartWithoutTheSpace() throws IOException {
        byte[] packed = pack(Packing.LZ4, new byte[10]);
        ByteBuffer head = ByteBuffer.allocate(packed.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        head.put(packed, 0, 4).put((byte) 0x68).put(packed[5]).putLong(1L << 60);
        head.put(packed, 6, packed.length - 6);
        assertThatThrownBy(() -> unpack(Packing.LZ4, head.array())).isInstanceOf(FileSystemException.class)
                .hasMessageContaining("No space left to unpack " + directory.resolve("packed")
                        + ": at least 1099511627776 MiB are needed, ");
    }

    @Test
    void namesTheDirectoryThatIsNotThere() throws IOException {
        Path missing = directory.resolve("missing");
        try (DumpFile file = FileDumpFile.open(file(pack(Packing.GZIP, content())))) {
            assertThatThrownBy(() -> Unpacker.unpack(file, Packing.GZIP, Optional.of(missing), progress))
                    .isInstanceOf(FileSystemException.class).hasMessageContaining(missing.toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void unpacksWhatComesThroughAPipe(Packing packing) throws Exception {
        assertThat(throughPipe(pack(packing, content()))).isEqualTo(content());
        assertThat(warnings).singleElement().asString()
                .contains("The input is a " + packing.label() + "-packed pipe: it is read into a work file in ");
    }

    @Test
    void readsAPipeAsItIs() throws Exception {
        assertThat(throughPipe(content())).isEqualTo(content());
        assertThat(throughPipe(new byte[0])).isEmpty();
        assertThat(throughPipe(new byte[]{0x1f})).hasSize(1);
    }

    private byte[] throughPipe(byte[] bytes) throws Exception {
        Path fifo = directory.resolve("fifo");
        Files.deleteIfExists(fifo);
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        CompletableFuture<Path> writer = CompletableFuture.supplyAsync(() -> {
            try {
                return Files.write(fifo, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try (DumpFile file = Unpacker.spool(fifo, Optional.of(directory), progress)) {
            writer.get();
            ByteBuffer read = ByteBuffer.allocate((int) file.size());
            file.read(0, read);
            return read.array();
        }
    }

    /// An xz file whose block asks for another dictionary: 28 for 64 MiB, 29 for 96 MiB (section 5.3.1 of xz's format).
    private static byte[] packWithDictionary(int size) throws IOException {
        byte[] packed = pack(Packing.XZ, content());
        int header = 12;
        int length = (packed[header] + 1) * 4;
        packed[header + 4] = (byte) size;
        var checksum = new CRC32();
        checksum.update(packed, header, length - Integer.BYTES);
        ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN).putInt(header + length - Integer.BYTES,
                (int) checksum.getValue());
        return packed;
    }

    @Test
    void takesTheLargestDictionaryThatXzHasALevelFor() throws IOException {
        assertThat(unpack(Packing.XZ, packWithDictionary(28))).isEqualTo(content());
        assertThatThrownBy(() -> unpack(Packing.XZ, packWithDictionary(29)))
                .isInstanceOf(UnsupportedDumpException.class).hasMessage("[" + directory.resolve("packed")
                        + "] xz data: dictionary must have at most 72 MiB but has 96 MiB: unpack the file first (xz -dk)");
    }

    // As a stream -----------------------------------------------------------------------------------------------------

    private InputStream stream(byte[] packed) throws IOException {
        return Unpacker.stream(Path.of("image"), new ByteArrayInputStream(packed)).orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void unpacksAsAStream(Packing packing) throws IOException {
        byte[] packed = pack(packing, content());
        assertThat(stream(packed).readAllBytes()).isEqualTo(content());
        assertThatThrownBy(() -> stream(Arrays.copyOf(packed, packed.length / 2)).readAllBytes())
                .isInstanceOf(CorruptDumpException.class)
                .hasMessageStartingWith(
                        "[image] " + packing.label() + " data: must be sound to its end but is damaged");
        assertThat(Unpacker.stream(Path.of("image"), new ByteArrayInputStream(new byte[20]))).isEmpty();
    }

    /// Two frames, and the unpacked size that kernels have behind theirs.
    private static byte[] packLegacy(byte[] content) {
        byte[] block = LZ4Factory.safeInstance().fastCompressor().compress(content);
        ByteBuffer packed = ByteBuffer.allocate(2 * (8 + block.length) + 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 2; i++) {
            packed.putInt(0x184c2102).putInt(block.length).put(block);
        }
        return packed.putInt(2 * content.length | 0x4000_0000).array();
    }

    @Test
    void unpacksTheOldLz4FormatAsAStream() throws IOException {
        byte[] twice = Arrays.copyOf(content(), 2 * BYTES);
        System.arraycopy(content(), 0, twice, BYTES, BYTES);
        byte[] packed = packLegacy(content());
        assertThat(stream(packed).readAllBytes()).isEqualTo(twice);
        assertThatThrownBy(() -> stream(Arrays.copyOf(packed, packed.length / 4)).readAllBytes())
                .isInstanceOf(CorruptDumpException.class)
                .hasMessageStartingWith("[image] lz4 data: must be sound to its end but is damaged");
    }

    @Test
    void takesNoMoreMemoryForAStreamThanKernelsDo() throws IOException {
        var packed = new ByteArrayOutputStream();
        var options = new LZMA2Options(0);
        options.setDictSize(64 << 20);
        try (OutputStream out = new XZOutputStream(packed, options)) {
            out.write(1);
        }
        assertThatThrownBy(() -> stream(packed.toByteArray()).readAllBytes()).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("[image] xz data: ");
    }
}
