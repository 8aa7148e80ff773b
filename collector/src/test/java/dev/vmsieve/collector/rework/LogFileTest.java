// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
    private static final Path DEVICE = Path.of("/dev/null");

    @TempDir
    private Path directory;

    @Test
    void putsALogOnTheDiskIfThereIsOne() throws IOException {
        assumeThat(DEVICE).exists();
        for (Path path : new Path[]{DEVICE, directory.resolve("log")}) {
            try (var log = new LogFile(path, true, LogFile.NO_LIMIT, failure -> {})) {
                log.write("text\n".getBytes(StandardCharsets.US_ASCII));
                log.finish();
            }
        }
        assertThat(directory.resolve("log")).hasContent("text\n");
    }

    @Test
    void asksNoDeviceForItsDisk() throws IOException {
        assumeThat(DEVICE).exists();
        try (WatchedFile device = WatchedFile.create(DEVICE, true, "", failure -> {});
                WatchedFile file = WatchedFile.create(directory.resolve("file"), true, "", failure -> {})) {
            assertThat(device.durable()).isFalse();
            assertThat(file.durable()).isTrue();
        }
    }
}
