// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.fixtures.SamplePages;

/// The reference libraries (zlib, liblzo2, libsnappy, libzstd) decode what the codecs write.
///
/// Compiles `fixtures/lab/refcheck/refcheck.c` with `cc`. Where compiler or headers are missing the test is skipped,
/// unless the environment variable `VMSIEVE_REQUIRE_REFERENCE` is 1: then it fails.
final class ReferenceDecoderTest {
    private static final int MIXTURES = 600;

    @TempDir
    static Path directory = Path.of("");

    private static Path refcheck = Path.of("");

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        Path source = Path.of("../fixtures/lab/refcheck/refcheck.c").toAbsolutePath().normalize();
        refcheck = directory.resolve("refcheck");
        String output;
        try {
            output = run("cc", "-O2", "-o", refcheck.toString(), source.toString(), "-lz", "-llzo2", "-lsnappy",
                    "-lzstd");
        } catch (IOException e) {
            output = e.getMessage();
        }
        if (!Files.isExecutable(refcheck)) {
            String reason = "refcheck.c cannot be compiled: " + output;
            if ("1".equals(System.getenv("VMSIEVE_REQUIRE_REFERENCE"))) {
                fail(reason);
            }
            abort(reason);
        }
    }

    @ParameterizedTest
    @CsvSource({"ZLIB, 4096", "ZLIB, 16384", "ZLIB, 65536", "ZLIB, 262144", "LZO, 4096", "LZO, 16384", "LZO, 65536",
            "LZO, 262144", "SNAPPY, 4096", "SNAPPY, 65536", "ZSTD, 4096", "ZSTD, 65536"})
    void decodesEveryPage(Compression compression, int pageBytes) throws IOException, InterruptedException {
        check(compression.name().toLowerCase(Locale.ROOT), compression.newCodec(), pageBytes);
    }

    @ParameterizedTest
    @CsvSource({"-7, 4096", "-1, 65536", "3, 4096", "9, 4096", "12, 65536", "19, 4096"})
    void decodesEveryPageOfZstdsOtherLevels(int level, int pageBytes) throws IOException, InterruptedException {
        check("zstd", new Zstd(level), pageBytes);
    }

    @ParameterizedTest
    @CsvSource({"4096", "16384"})
    void decodesEveryPageOfLzoWithoutSnappy(int pageBytes) throws IOException, InterruptedException {
        check("lzo", new Lzo(false), pageBytes);
    }

    private static void check(String method, PageCodec of, int pageBytes) throws IOException, InterruptedException {
        Path file = Files.createTempFile(directory, method + "-", "-" + pageBytes);
        int pages = 0;
        try (CodecHarness codec = new CodecHarness(of);
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (byte[] page : SamplePages.corpus(pageBytes).values()) {
                pages += write(codec.compress(page), page, out);
            }
            for (int seed = 0; seed < MIXTURES * 4096 / pageBytes; seed++) {
                byte[] page = SamplePages.mixture(pageBytes, 50_000 + seed);
                pages += write(codec.compress(page), page, out);
            }
        }
        String output = run(refcheck.toString(), "--pages", method, file.toString(), Integer.toString(pageBytes));
        assertThat(output)
                .isEqualTo(method + ": " + pages + " pages of " + pageBytes + " bytes, 0 different, exit status 0");
    }

    @ParameterizedTest
    @CsvSource({"zlib", "lzo", "snappy", "zstd"})
    void wouldSeeADifference(String method) throws IOException, InterruptedException {
        byte[] page = SamplePages.text(4096, 1);
        Path file = directory.resolve(method + "-broken");
        try (CodecHarness codec = new CodecHarness(Compression.valueOf(method.toUpperCase(Locale.ROOT)));
                DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            byte[] stream = codec.compress(page).orElseThrow();
            page[4000] ^= 1;
            write(Optional.of(stream), page, out);
        }
        assertThat(run(refcheck.toString(), "--pages", method, file.toString()))
                .contains("record 0 (offset 0x0) differs")
                .endsWith("1 different, exit status 1");
    }

    private static int write(Optional<byte[]> stream, byte[] page, DataOutputStream out) throws IOException {
        if (stream.isEmpty()) {
            return 0;
        }
        out.writeInt(Integer.reverseBytes(stream.get().length));
        out.write(stream.get());
        out.write(page);
        return 1;
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "output", ".txt");
        Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(String.join(" ", command) + " does not end");
        }
        return Files.readString(output).strip() + ", exit status " + process.exitValue();
    }
}
