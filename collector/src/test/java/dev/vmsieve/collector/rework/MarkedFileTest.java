// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.collector.output.WriteWatch;
import dev.vmsieve.filter.io.FileKind;
import dev.vmsieve.fixtures.FlattenedStream;

/// The mark of a file that is being made, where the disk fails when all is to be put on it.
class MarkedFileTest {
    private static final int STATUS = 424;
    private static final int INCOMPLETE = 8;

    @TempDir
    Path directory;

    private OutputFile written(Path path, int forces, int failures) throws IOException {
        FileChannel channel = new FailingChannel(
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE), forces, failures);
        OutputFile output = new OutputFile(path,
                new WatchedFile(channel, new WriteWatch(channel, path, "", failure -> {}), FileKind.REGULAR));
        output.write(0, ByteBuffer.wrap(FlattenedStream.kdumpHeader()));
        return output;
    }

    private static int mark(Path path) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN).getInt(STATUS) & INCOMPLETE;
    }

    @Test
    void isOffWhereAllIsOnTheDisk() throws IOException {
        Path path = directory.resolve("dump");
        try (OutputFile output = written(path, 2, 1)) {
            assertThat(mark(path)).isNotZero();
            output.finish();
        }
        assertThat(mark(path)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void staysWhereTheDiskFails(int forces) throws IOException {
        Path path = directory.resolve("dump");
        try (OutputFile output = written(path, forces, 1)) {
            assertThatThrownBy(output::finish).hasMessage("Input/output error");
            assertThat(output.incomplete(new IOException("x")))
                    .hasMessageEndingWith("holds what came before, and is marked incomplete");
        }
        assertThat(mark(path)).isNotZero();
    }

    @Test
    void isSaidToBeUncertainWhereTheDiskKeepsFailing() throws IOException {
        Path path = directory.resolve("dump");
        try (OutputFile output = written(path, 1, Integer.MAX_VALUE)) {
            assertThatThrownBy(output::finish).hasMessage("Input/output error");
            assertThat(output.incomplete(new IOException("x"))).hasMessageEndingWith(
                    "holds what came before, and may not be marked incomplete on the disk");
        }
        assertThat(mark(path)).isNotZero();
    }
}
