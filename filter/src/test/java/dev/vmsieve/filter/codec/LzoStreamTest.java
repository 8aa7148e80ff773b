// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.io.CorruptDumpException;

/// The whole LZO1X stream, of which the encoder writes only a part.
final class LzoStreamTest {
    private final LzoDecoder decoder = new LzoDecoder();

    @ParameterizedTest
    @CsvSource({
            "first run of 4 and the end,                 15 61626364 110000, 61626364",
            "run of 4 as an opcode,                      01 61626364 110000, 61626364",
            "first run of 3 then 2 bytes of distance 3,  14 616263 0800 110000, 6162636162",
            "first run of 1 then 2 bytes of distance 1,  12 61 0000 110000, 616161",
            "two bytes with a trailing literal,          14 616263 0900 7a 110000, 61626361627a",
            "3 bytes of distance 8,                      19 6162636465666768 5c00 110000, 6162636465666768616263",
            "4 bytes of distance 1 overlapping,          12 61 6000 110000, 6161616161",
            "8 bytes of distance 2,                      13 6162 e400 110000, 61626162616261626162",
            "33 bytes by a middle match,                 12 61 3f0000 110000, 61*34",
            "34 bytes by an extended middle match,       12 61 20010000 110000, 61*35",
            "run of 19 by an extension,                  0001 616161616161616161616161616161616161 61 110000, 61*19"})
    void decodesEachOpcode(String name, String stream, String expected) throws CorruptDumpException {
        byte[] page = expected.contains("*") ? repeated(expected) : HexFormat.of().parseHex(expected);
        byte[] out = new byte[page.length];
        byte[] in = HexFormat.of().parseHex(stream.replace(" ", ""));
        decoder.decode(in, in.length, out, out.length);
        assertThat(out).as(name).isEqualTo(page);
    }

    private static byte[] repeated(String text) {
        byte[] bytes = new byte[Integer.parseInt(text.substring(3))];
        Arrays.fill(bytes, HexFormat.of().parseHex(text.substring(0, 2))[0]);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "distance before the page    | 15 61626364 2c4000 110000 | has a distance of 17 with only 4 bytes written",
            "output beyond the page      | 15 61626364 3f0000 110000 | yields more than the page's 16 bytes",
            "run beyond the page         | 22 6161616161616161616161616161616161 110000 | yields more than the page's 16 bytes",
            "run beyond the stream       | 1f 6161 | is cut off",
            "no end                      | 15 61626364 | is cut off",
            "length without an end       | 15 61626364 2000000000000000000000000000 | has a length beyond the page's size 16",
            "end that is not the end     | 15 61626364 120000 | has a malformed end",
            "end with trailing literals  | 15 61626364 110100 61 | has a malformed end",
            "too little                  | 15 61626364 110000 | must yield 16 bytes but yielded 4",
            "bytes after the end         | 21 61616161616161616161616161616161 110000 00 | ends before its 21 bytes do"})
    void rejects(String name, String stream, String message) {
        byte[] in = HexFormat.of().parseHex(stream.replace(" ", ""));
        assertThatThrownBy(() -> decoder.decode(in, in.length, new byte[16], 16)).as(name)
                .isInstanceOf(CorruptDumpException.class).hasMessageStartingWith("LZO page: stream " + message);
    }

    @Test
    void decodesRandomStreamsOfAllOpcodes() throws CorruptDumpException {
        for (int seed = 0; seed < 500; seed++) {
            RandomStream random = new RandomStream(seed, 65536);
            byte[] in = random.stream.toByteArray();
            byte[] out = new byte[random.produced];
            decoder.decode(in, in.length, out, out.length);
            assertThat(Arrays.equals(out, Arrays.copyOf(random.page, random.produced))).as("stream of seed %d", seed)
                    .isTrue();
        }
    }

    /// A stream of random opcodes made together with what it must decode to.
    private static final class RandomStream {
        final ByteArrayOutputStream stream = new ByteArrayOutputStream();
        final byte[] page;
        int produced;
        private final SplittableRandom random;
        private int state;

        RandomStream(int seed, int limit) {
            random = new SplittableRandom(seed);
            page = new byte[limit + 2000];
            int first = random.nextInt(1, 239);
            stream.write(17 + first);
            literals(first);
            state = Math.min(first, 4);
            while (produced < limit - 1000) {
                next();
            }
            stream.writeBytes(new byte[]{17, 0, 0});
        }

        private void next() {
            switch (random.nextInt(5)) {
                case 0 -> run();
                case 1 -> nearest();
                case 2 -> shortMatch();
                case 3 -> word(32, 33, distance(1, 16384), 1);
                default -> far();
            }
        }

        private void run() {
            if (state == 0) {
                int count = random.nextInt(4, 600);
                length(0, count - 3, 15);
                literals(count);
                state = 4;
            }
        }

        /// The opcodes below 16 after literals.
        private void nearest() {
            int base = state == 4 ? 2049 : 1;
            if (state == 0 || produced < base) {
                return;
            }
            int d = distance(base, base + 1023) - base;
            int trailing = random.nextInt(4);
            stream.write((d & 3) << 2 | trailing);
            stream.write(d >> 2);
            match(base + d, base == 1 ? 2 : 3, trailing);
        }

        private void shortMatch() {
            int d = distance(1, 2048) - 1;
            int length = random.nextInt(3, 9);
            int trailing = random.nextInt(4);
            stream.write((length - 1) << 5 | (d & 7) << 2 | trailing);
            stream.write(d >> 3);
            match(d + 1, length, trailing);
        }

        private void far() {
            if (produced > 16384) {
                int distance = distance(16385, 49151);
                word(16 | (distance - 16384) >> 14 << 3, 9, distance, 16384);
            }
        }

        private void word(int opcode, int direct, int distance, int base) {
            int length = random.nextInt(random.nextInt(10) == 0 ? 900 : direct) + 3;
            int trailing = random.nextInt(4);
            length(opcode, length - 2, direct - 2);
            int w = (distance - base & 0x3fff) << 2 | trailing;
            stream.write(w);
            stream.write(w >> 8);
            match(distance, length, trailing);
        }

        private void length(int opcode, int value, int direct) {
            if (value <= direct) {
                stream.write(opcode | value);
                return;
            }
            stream.write(opcode);
            int rest = value - direct;
            for (; rest > 255; rest -= 255) {
                stream.write(0);
            }
            stream.write(rest);
        }

        private int distance(int least, int most) {
            return random.nextInt(least, Math.min(most, produced) + 1);
        }

        private void match(int distance, int length, int trailing) {
            for (int i = 0; i < length; i++) {
                page[produced] = page[produced - distance];
                produced++;
            }
            literals(trailing);
            state = trailing;
        }

        private void literals(int count) {
            for (int i = 0; i < count; i++) {
                page[produced] = (byte) random.nextInt();
                stream.write(page[produced++]);
            }
        }
    }
}
