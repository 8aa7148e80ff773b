// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

import dev.vmsieve.collector.rework.IncompleteFileException.Reason;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.fixtures.FlattenedStream;

/// Streams that are damaged or cut short, and what is left of them.
class BrokenStreamTest extends Rearranging {
    private IncompleteFileException fails(FlattenedStream stream) {
        IncompleteFileException failure = catchThrowableOfType(IncompleteFileException.class, () -> rearrange(stream));
        assertThat(failure).isNotNull();
        return failure;
    }

    @Test
    void leavesNoFileWhenTheSignatureIsWrong() {
        byte[] garbage = new byte[10_000];
        new SplittableRandom(1).nextBytes(garbage);
        assertThatThrownBy(() -> Rearranger.rearrange(RearrangePlan.of(out), "stdin",
                Channels.newChannel(new ByteArrayInputStream(garbage)), progress))
                .isInstanceOf(CorruptDumpException.class)
                .hasMessageStartingWith("[stdin] flattened header: signature must be \"makedumpfile\" but was");
        assertThat(out).doesNotExist();
    }

    @Test
    void leavesNoFileWhenTheStreamIsEmpty() {
        assertThatThrownBy(() -> Rearranger.rearrange(RearrangePlan.of(out), "stdin",
                Channels.newChannel(new ByteArrayInputStream(new byte[0])), progress))
                .hasMessageContaining("but was nothing");
        assertThat(out).doesNotExist();
    }

    @Test
    void leavesNoFileWhenTheFirstRecordIsDamaged() {
        assertThatThrownBy(() -> rearrange(new FlattenedStream().numbers(-5, 1)))
                .isInstanceOf(CorruptDumpException.class)
                .hasMessage("[stdin] flattened record: offset must not be negative but was -5 (offset 0x1000)");
        assertThat(out).doesNotExist();
    }

    @Test
    void failsAtTheEndOfInputAndMarksAKdumpFile() throws IOException {
        IncompleteFileException failure = fails(
                new FlattenedStream().record(0, FlattenedStream.kdumpHeader()).record(4096, text("abc")));
        assertThat(failure)
                .hasMessage("[stdin] flattened stream: ends without an end record, where record 2 should begin"
                        + " (offset 0x11f3); [" + out + "] holds what came before, and is marked incomplete");
        assertThat(failure.reason()).isEqualTo(Reason.INPUT);
        assertThat(wordAt(STATUS)).isEqualTo(1 | 8);
    }

    @Test
    void failsWithinDataAndMarksAnElfFile() throws IOException {
        IncompleteFileException failure = fails(new FlattenedStream().record(0, FlattenedStream.elfHeader())
                .numbers(4096, 100).raw(text("short")));
        assertThat(failure)
                .hasMessage("[stdin] flattened stream: ends without an end record, within the data of record 1"
                        + " (5 of 100 bytes for offset 0x1000) (offset 0x1065); [" + out
                        + "] holds what came before, and is marked incomplete");
        assertThat(wordAt(ELF_FLAGS)).isEqualTo(1);
        assertThat(Files.size(out)).isEqualTo(4101);
    }

    @Test
    void saysThatAFileWithoutHeaderCannotBeMarked() {
        assertThat(fails(new FlattenedStream().record(4096, text("abc"))))
                .hasMessageEndingWith("; [" + out + "] is incomplete, and too short to be marked so");
    }

    @Test
    void failsCleanlyOnEveryPrefix() {
        byte[] whole = new FlattenedStream().record(0, FlattenedStream.kdumpHeader()).record(600, text("abc")).end()
                .bytes();
        for (int length = 4090; length < whole.length; length++) {
            byte[] prefix = Arrays.copyOf(whole, length);
            Path file = directory.resolve("prefix" + length);
            assertThatThrownBy(() -> Rearranger.rearrange(RearrangePlan.of(file), "stdin",
                    Channels.newChannel(new ByteArrayInputStream(prefix)), progress))
                    .as("prefix of %d bytes", length).isInstanceOf(IOException.class)
                    .hasMessageStartingWith("[stdin] flattened ");
            assertThat(Files.exists(file)).as("file of prefix %d", length).isEqualTo(length > 4096 + 16);
        }
    }

    @Test
    void rejectsAStreamWithoutTheDumpHeader() throws IOException {
        IncompleteFileException failure = fails(
                new FlattenedStream().record(0, new byte[20]).record(21, new byte[100]).end());
        assertThat(failure).hasMessageStartingWith("[stdin] flattened stream: no record covers the dump header,"
                + " byte 20 of the dump file is missing");
    }

    @Test
    void rejectsAStreamWithoutAnyRecord() {
        assertThatThrownBy(() -> rearrange(new FlattenedStream().end())).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("no record covers the dump header");
        assertThat(out).doesNotExist();
    }
}
