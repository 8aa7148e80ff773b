// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileKindTest {
    @TempDir
    Path directory;

    @Test
    void tellsWhatANameLeadsTo() throws IOException, InterruptedException {
        Path file = Files.createFile(directory.resolve("file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        assertThat(FileKind.of(file)).isEqualTo(FileKind.REGULAR);
        assertThat(FileKind.of(link)).isEqualTo(FileKind.REGULAR);
        assertThat(FileKind.of(directory)).isEqualTo(FileKind.DIRECTORY);
        assertThat(FileKind.of(pipe)).isEqualTo(FileKind.PIPE);
        assertThat(FileKind.of(Path.of("/dev/null"))).isEqualTo(FileKind.CHARACTER_DEVICE);
        assertThatThrownBy(() -> FileKind.of(directory.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }
}
