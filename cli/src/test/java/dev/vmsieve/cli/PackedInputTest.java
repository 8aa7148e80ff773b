// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;
import com.github.luben.zstd.ZstdOutputStream;

import dev.vmsieve.filter.unpack.Packing;
import dev.vmsieve.fixtures.SyntheticKernel;

import net.jpountz.lz4.LZ4FrameOutputStream;

/// Inputs that are compressed as a whole, and pipes, as a user types them.
class PackedInputTest {
    @TempDir
    private Path directory;

    private Path vmcore() throws IOException {
        return SyntheticKernel.demo(64, 4712).write(directory.resolve("vmcore"));
    }

    private Path gzip(Path plain) throws IOException {
        Path packed = directory.resolve("packed-without-a-suffix");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            Files.copy(plain, out);
        }
        return packed;
    }

    private Path dumpOf(Path input, String name, String... more) {
        Path output = directory.resolve(name);
        String[] options = Arrays.copyOf(new String[]{"-l", "-d", "31", input.toString(), output.toString()},
                5 + more.length);
        System.arraycopy(more, 0, options, 5, more.length);
        Cli run = Cli.run(options);
        assertThat(run.code()).as(run.err()).isZero();
        return output;
    }

    @Test
    void aPackedInputMakesTheSameDump() throws IOException {
        Path vmcore = vmcore();
        Path work = Files.createDirectory(directory.resolve("work"));
        Path plain = dumpOf(vmcore, "plain");
        assertThat(dumpOf(gzip(vmcore), "from-gzip", "--work-dir", work.toString())).hasSameBinaryContentAs(plain);
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void aPipeMakesTheSameDump() throws Exception {
        Path vmcore = vmcore();
        assertPipeMakes(vmcore, dumpOf(vmcore, "plain"));
    }

    private void assertPipeMakes(Path input, Path expected) throws Exception {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        Process writer = new ProcessBuilder("sh", "-c", "cat \"$0\" > \"$1\"", input.toString(), fifo.toString())
                .start();
        assertThat(dumpOf(fifo, "from-fifo", "--work-dir", directory.toString())).hasSameBinaryContentAs(expected);
        assertThat(writer.waitFor()).isZero();
        Files.delete(fifo);
        Files.delete(directory.resolve("from-fifo"));
    }

    private Path pack(Packing packing, Path plain) throws IOException {
        Path packed = directory.resolve(plain.getFileName() + "." + packing.label());
        try (OutputStream file = Files.newOutputStream(packed);
                OutputStream out = switch (packing) {
                    case GZIP -> new GZIPOutputStream(file);
                    case XZ -> new XZOutputStream(file, new LZMA2Options(0));
                    case ZSTD -> new ZstdOutputStream(file);
                    case LZ4 -> new LZ4FrameOutputStream(file);
                    case BZIP2 -> new BZip2CompressorOutputStream(file);
                }) {
            Files.copy(plain, out);
        }
        return packed;
    }

    /// A dump that was filtered before, and the same as it came down a stream.
    @ParameterizedTest
    @EnumSource
    void everyPackingOfADumpMakesTheSameDump(Packing packing) throws Exception {
        Path kdump = dumpOf(vmcore(), "kdump");
        var stream = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = Main.run(new String[]{"-F", "-l", "-d", "31", kdump.toString()}, InputStream.nullInputStream(),
                new PrintStream(stream, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), new Invocation("vmsieve", Map.of(), false));
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
        Path flattened = Files.write(directory.resolve("flattened"), stream.toByteArray());
        assertPipeMakes(flattened, kdump);
        for (Path form : List.of(kdump, flattened)) {
            Path packed = pack(packing, form);
            assertThat(dumpOf(packed, "again", "--work-dir", directory.toString())).hasSameBinaryContentAs(kdump);
            Files.delete(directory.resolve("again"));
            assertPipeMakes(packed, kdump);
        }
    }

    @Test
    void aPackedInputThatIsCutOffIsToldInOneLine() throws IOException {
        Path packed = gzip(vmcore());
        byte[] bytes = Files.readAllBytes(packed);
        Files.write(packed, Arrays.copyOf(bytes, bytes.length / 2));
        Cli run = Cli.run("--message-level", "4", "--work-dir", directory.toString(), packed.toString(),
                directory.resolve("dump").toString());
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("[" + packed
                + "] gzip data: must be sound to its end but is damaged or cut off at or before offset 0x"
                + Integer.toHexString(bytes.length / 2));
        assertThat(directory.resolve("dump")).doesNotExist();
    }
}
