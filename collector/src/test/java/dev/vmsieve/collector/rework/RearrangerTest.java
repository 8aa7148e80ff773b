// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

import dev.vmsieve.fixtures.FlattenedStream;

/// Sound streams.
class RearrangerTest extends Rearranging {
    @Test
    void putsEveryRecordWhereItBelongs() throws IOException {
        byte[] expected = Arrays.copyOf(FlattenedStream.kdumpHeader(), 5003);
        System.arraycopy(text("abc"), 0, expected, 5000, 3);
        System.arraycopy(text("de"), 0, expected, 1000, 2);
        RearrangeReport report = rearrange(new FlattenedStream().record(5000, text("abc"))
                .record(0, FlattenedStream.kdumpHeader()).record(1000, text("de")).end());
        assertThat(Files.readAllBytes(out)).isEqualTo(expected);
        assertThat(report).isEqualTo(new RearrangeReport(3, 469, 5003));
        assertThat(warnings).isEmpty();
    }

    @Test
    void makesTheFileForItsOwnerAlone() throws IOException {
        rearrange(new FlattenedStream().record(0, FlattenedStream.elfHeader()).end());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out))).isEqualTo("rw-------");
    }

    @Test
    void letsALaterRecordReplaceAnEarlierOne() throws IOException {
        rearrange(new FlattenedStream().record(0, FlattenedStream.elfHeader()).record(100, text("earlier"))
                .record(102, text("later")).end());
        assertThat(new String(Files.readAllBytes(out), StandardCharsets.ISO_8859_1)).endsWith("ealater");
    }

    @Test
    void keepsHolesAsHoles() throws IOException {
        long far = 1L << 42;
        rearrange(new FlattenedStream().record(0, FlattenedStream.elfHeader()).record(far, text("end")).end());
        assertThat(Files.size(out)).isEqualTo(far + 3);
    }

    @Test
    void skipsEmptyRecords() throws IOException {
        RearrangeReport report = rearrange(new FlattenedStream().numbers(1 << 20, 0)
                .record(0, FlattenedStream.elfHeader()).numbers(7, 0).end());
        assertThat(report).isEqualTo(new RearrangeReport(1, 64, 64));
    }

    @Test
    void ignoresWhatFollowsTheEndRecord() throws IOException {
        rearrange(new FlattenedStream().record(0, FlattenedStream.elfHeader()).end().record(-7, text("garbage")));
        assertThat(Files.readAllBytes(out)).isEqualTo(FlattenedStream.elfHeader());
    }

    @Test
    void doesNotWaitForMoreAfterTheEndRecord() throws IOException {
        ByteBuffer stream = ByteBuffer
                .wrap(new FlattenedStream().record(0, FlattenedStream.elfHeader()).end().bytes());
        var source = new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) {
                if (!stream.hasRemaining()) {
                    throw new AssertionError("read past the end record");
                }
                target.put(stream.get());
                return 1;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        Rearranger.rearrange(RearrangePlan.of(out), "stdin", source, progress);
        assertThat(Files.readAllBytes(out)).isEqualTo(FlattenedStream.elfHeader());
    }

    @Test
    void warnsOfAnEndRecordWithASize() throws IOException {
        rearrange(new FlattenedStream().record(0, FlattenedStream.elfHeader()).numbers(-1, 12));
        assertThat(warnings).containsExactly(
                "[stdin] flattened stream: size of the end record must be -1 but was 12 (offset 0x1058)");
    }

    @Test
    void rearrangesShuffledRecordsOfAnySize() throws IOException {
        long seed = 0x5eed;
        var random = new SplittableRandom(seed);
        byte[] expected = new byte[5_000_000];
        random.nextBytes(expected);
        System.arraycopy(FlattenedStream.kdumpHeader(), 0, expected, 0, 464);
        List<int[]> pieces = new ArrayList<>();
        int at = 0;
        while (at < expected.length) {
            int length = Math.min(expected.length - at, 1 + random.nextInt(random.nextInt(10) == 0 ? 2_000_000 : 9000));
            pieces.add(new int[]{at, length});
            at += length;
        }
        Collections.shuffle(pieces, new Random(seed));
        var stream = new FlattenedStream();
        for (int[] piece : pieces) {
            stream.record(piece[0], Arrays.copyOfRange(expected, piece[0], piece[0] + piece[1]));
        }
        RearrangeReport report = rearrange(stream.end());
        assertThat(Arrays.equals(Files.readAllBytes(out), expected)).as("seed %#x", seed).isTrue();
        assertThat(report.records()).isEqualTo(pieces.size());
    }

    @Test
    void takesTheMarkOffWhateverTheOrderOfRecords() throws IOException {
        byte[] header = FlattenedStream.kdumpHeader();
        rearrange(new FlattenedStream().record(420, Arrays.copyOfRange(header, 420, 464))
                .record(0, Arrays.copyOf(header, 420)).record(STATUS, new byte[]{4, 0, 0, 0}).end());
        assertThat(wordAt(STATUS)).isEqualTo(4);
    }

    @Test
    void keepsTheMarkOfADumpThatWasIncompleteBefore() throws IOException {
        byte[] header = FlattenedStream.kdumpHeader();
        header[STATUS] = 0xa;
        rearrange(new FlattenedStream().record(0, header).end());
        assertThat(wordAt(STATUS)).isEqualTo(0xa);
    }
}
