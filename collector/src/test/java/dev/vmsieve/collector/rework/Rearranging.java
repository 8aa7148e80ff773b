// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.FlattenedStream;

/// A flattened stream that is rearranged to a file, and what is told of it.
abstract class Rearranging {
    static final int STATUS = 424;
    static final int ELF_FLAGS = 48;

    @TempDir
    Path directory;
    Path out = Path.of("");
    final List<String> warnings = new ArrayList<>();
    final Progress progress = Progress.warnings(warnings::add);

    @BeforeEach
    void nameTheOutput() {
        out = directory.resolve("dump");
    }

    RearrangeReport rearrange(FlattenedStream stream) throws IOException {
        return Rearranger.rearrange(RearrangePlan.of(out), "stdin", stream.channel(), progress);
    }

    int wordAt(int offset) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
