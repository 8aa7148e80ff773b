// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.fixtures.SamplePages;

/// What every codec that compresses must do.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
abstract class PageCodecContract {
    static final int PAGE_BYTES = 4096;

    private final Compression compression;
    private final String zeroPageHex;
    private final String abcPageHex;
    private final CodecHarness codec;

    /// @param zeroPageHex a page of zeros as the reference library writes it
    /// @param abcPageHex a page of "abcabc..." as the reference library writes it
    PageCodecContract(Compression compression, String zeroPageHex, String abcPageHex) {
        this.compression = compression;
        this.zeroPageHex = zeroPageHex;
        this.abcPageHex = abcPageHex;
        codec = new CodecHarness(compression);
    }

    @AfterEach
    void closeCodec() {
        codec.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 8192, 16384, 65536, 262144})
    void roundTripsEveryKindOfPage(int pageBytes) throws CorruptDumpException {
        int shrunk = 0;
        for (Map.Entry<String, byte[]> sample : SamplePages.corpus(pageBytes).entrySet()) {
            byte[] page = sample.getValue();
            Optional<byte[]> stream = codec.compress(page);
            if (stream.isPresent()) {
                shrunk++;
                assertThat(codec.decompress(stream.get(), pageBytes)).as(sample.getKey()).isEqualTo(page);
            }
        }
        assertThat(shrunk).as("pages that shrink").isGreaterThan(40);
    }

    @Test
    void roundTripsRandomMixtures() throws CorruptDumpException {
        for (int seed = 1000; seed < 2500; seed++) {
            byte[] page = SamplePages.mixture(PAGE_BYTES, seed);
            Optional<byte[]> stream = codec.compress(page);
            if (stream.isPresent() && !Arrays.equals(codec.decompress(stream.get(), PAGE_BYTES), page)) {
                fail("the page of seed " + seed + " comes back different");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 65536})
    void doesNotShrinkNoise(int pageBytes) {
        for (int seed = 0; seed < 100; seed++) {
            assertThat(codec.compress(SamplePages.noise(pageBytes, seed))).as("noise of seed " + seed).isEmpty();
        }
    }

    @Test
    void shrinksAPageOfZerosToLittle() {
        assertThat(codec.compress(new byte[PAGE_BYTES]).orElseThrow()).hasSizeLessThan(200);
    }

    @Test
    void writesTheSameBytesWhateverWasCompressedBefore() {
        List<byte[]> pages = new ArrayList<>(SamplePages.corpus(PAGE_BYTES).values());
        pages.addAll(SamplePages.corpus(16384).values());
        List<Optional<byte[]>> fresh = new ArrayList<>();
        for (byte[] page : pages) {
            try (CodecHarness unused = new CodecHarness(compression)) {
                fresh.add(unused.compress(page));
            }
        }
        SplittableRandom random = new SplittableRandom(42);
        for (int round = 0; round < 2000; round++) {
            int i = random.nextInt(pages.size());
            Optional<byte[]> stream = codec.compress(pages.get(i));
            assertThat(Arrays.equals(stream.orElse(null), fresh.get(i).orElse(null)))
                    .as("page %d gives the same bytes in round %d of seed 42", i, round).isTrue();
        }
    }

    @Test
    void worksInSeveralThreadsAtOnceWithACodecEach() throws InterruptedException, ExecutionException {
        byte[] page = SamplePages.structs(PAGE_BYTES, 9);
        byte[] expected = codec.compress(page).orElseThrow();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<byte[]>> results = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                results.add(threads.submit(() -> compressInNewCodec(page)));
            }
            for (Future<byte[]> result : results) {
                assertThat(result.get()).isEqualTo(expected);
            }
        }
    }

    private byte[] compressInNewCodec(byte[] page) {
        try (CodecHarness own = new CodecHarness(compression)) {
            return own.compress(page).orElseThrow();
        }
    }

    @Test
    void rejectsEveryPrefixOfAStream() {
        for (byte[] page : List.of(SamplePages.structs(PAGE_BYTES, 1), SamplePages.text(PAGE_BYTES, 1),
                new byte[PAGE_BYTES])) {
            byte[] stream = codec.compress(page).orElseThrow();
            for (int bytes = 0; bytes < stream.length; bytes++) {
                byte[] prefix = Arrays.copyOf(stream, bytes);
                assertThatThrownBy(() -> codec.decompress(prefix, PAGE_BYTES))
                        .as("the first %d of %d bytes", bytes, stream.length).isInstanceOf(CorruptDumpException.class);
            }
        }
    }

    @Test
    void rejectsBytesAfterTheStream() {
        byte[] stream = codec.compress(SamplePages.text(PAGE_BYTES, 1)).orElseThrow();
        for (int extra = 1; extra < 20; extra++) {
            byte[] longer = Arrays.copyOf(stream, stream.length + extra);
            assertThatThrownBy(() -> codec.decompress(longer, PAGE_BYTES)).isInstanceOf(CorruptDumpException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2048, 4095, 4097, 8192})
    void rejectsAStreamOfAnotherPageSize(int pageBytes) {
        byte[] stream = codec.compress(SamplePages.text(PAGE_BYTES, 1)).orElseThrow();
        assertThatThrownBy(() -> codec.decompress(stream, pageBytes)).isInstanceOf(CorruptDumpException.class);
    }

    @Test
    void endsInAPageOrAnErrorForEveryFlippedBit() {
        byte[] stream = codec.compress(SamplePages.mixture(PAGE_BYTES, 5)).orElseThrow();
        for (int bit = 0; bit < stream.length * 8; bit++) {
            byte[] broken = stream.clone();
            broken[bit / 8] ^= (byte) (1 << bit % 8);
            decompressAnything(broken);
        }
    }

    @Test
    void endsInAPageOrAnErrorForStreamsOfRandomChanges() {
        SplittableRandom random = new SplittableRandom(77);
        byte[] stream = codec.compress(SamplePages.structs(PAGE_BYTES, 5)).orElseThrow();
        for (int round = 0; round < 3000; round++) {
            byte[] broken = Arrays.copyOf(stream, random.nextInt(1, stream.length + 8));
            for (int i = random.nextInt(8); i >= 0; i--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt();
            }
            decompressAnything(broken);
        }
    }

    /// The harness checks that nothing outside the page is written.
    private void decompressAnything(byte[] stream) {
        try {
            assertThat(codec.decompress(stream, PAGE_BYTES)).hasSize(PAGE_BYTES);
        } catch (CorruptDumpException e) {
            assertThat(e.getMessage()).startsWithIgnoringCase(compression + " page: ");
        }
    }

    @Test
    void decodesPagesOfTheReferenceLibrary() throws CorruptDumpException {
        assertThat(codec.decompress(HexFormat.of().parseHex(zeroPageHex), PAGE_BYTES)).isEqualTo(new byte[PAGE_BYTES]);
        byte[] abc = "abc".repeat(PAGE_BYTES).substring(0, PAGE_BYTES).getBytes(StandardCharsets.US_ASCII);
        assertThat(codec.decompress(HexFormat.of().parseHex(abcPageHex), PAGE_BYTES)).isEqualTo(abc);
    }
}
