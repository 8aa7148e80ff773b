// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedDumpFileTest {
    private static final int WINDOW = MappedDumpFile.WINDOW_BYTES;
    private static final int SIZE = 5 * WINDOW + 1234;

    @TempDir
    private Path directory;

    private Path file(int size) throws IOException {
        byte[] bytes = new byte[size];
        new SplittableRandom(7).nextBytes(bytes);
        return Files.write(directory.resolve("file"), bytes);
    }

    private static byte[] read(DumpFile file, long offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(length + 2).position(1).limit(length + 1);
        int count = file.read(offset, target);
        assertThat(target.position()).isEqualTo(1 + count);
        byte[] bytes = new byte[count];
        target.get(1, bytes);
        return bytes;
    }

    @Test
    void readsTheSameMappedAsByPosition() throws IOException {
        Path path = file(SIZE);
        try (DumpFile mapped = MappedDumpFile.open(path); DumpFile plain = FileDumpFile.open(path)) {
            assertThat(mapped.size()).isEqualTo(plain.size()).isEqualTo(SIZE);
            long[] offsets = {0, 1, WINDOW - 5, WINDOW, 3L * WINDOW - 4097, SIZE - 7, SIZE, SIZE + 5L, 2};
            for (long offset : offsets) {
                for (int length : new int[]{0, 1, 4096, WINDOW + 10}) {
                    assertThat(read(mapped, offset, length)).as("offset %d length %d", offset, length)
                            .isEqualTo(read(plain, offset, length));
                }
            }
        }
    }

    @Test
    void servesManyThreads() throws Exception {
        Path path = file(SIZE);
        byte[] all = Files.readAllBytes(path);
        try (DumpFile mapped = MappedDumpFile.open(path); ExecutorService threads = Executors.newFixedThreadPool(6)) {
            Future<?>[] done = new Future<?>[6];
            for (int t = 0; t < done.length; t++) {
                long seed = t;
                done[t] = threads.submit(() -> {
                    var random = new SplittableRandom(seed);
                    for (int i = 0; i < 300; i++) {
                        int offset = random.nextInt(SIZE - 9000);
                        assertThat(read(mapped, offset, 9000)).as("seed %d, read %d", seed, i)
                                .isEqualTo(Arrays.copyOfRange(all, offset, offset + 9000));
                    }
                    return null;
                });
            }
            for (Future<?> future : done) {
                future.get();
            }
        }
    }

    @Test
    void readsByPositionWhereAMappingFaults() throws IOException {
        Path path = file(2 * WINDOW);
        byte[] all = Files.readAllBytes(path);
        try (DumpFile mapped = MappedDumpFile.open(path)) {
            assertThat(read(mapped, 0, 10)).hasSize(10);
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(8192);
            }
            assertThat(read(mapped, 4096, 4096)).isEqualTo(Arrays.copyOfRange(all, 4096, 8192));
            assertThat(read(mapped, 4096, 1 << 20)).isEqualTo(Arrays.copyOfRange(all, 4096, 8192));
            assertThat(read(mapped, 1 << 20, 4096)).isEmpty();
        }
    }

    @Test
    void readsByPositionWhatCannotBeMapped() throws IOException {
        Path path = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        Assumptions.assumeTrue(Files.isReadable(path), "no file of sysfs that can be read but not mapped");
        String expected = Files.readString(path);
        try (DumpFile mapped = MappedDumpFile.open(path)) {
            for (int i = 0; i < 20; i++) {
                assertThat(new String(read(mapped, 0, 4096), StandardCharsets.US_ASCII))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void endsWithItsFile() throws IOException {
        DumpFile mapped = MappedDumpFile.open(file(WINDOW));
        assertThat(read(mapped, 0, 10)).hasSize(10);
        mapped.close();
        mapped.close();
        assertThatThrownBy(() -> read(mapped, 0, 10)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void namesAFileThatIsNotThere() {
        Path path = directory.resolve("absent");
        assertThatThrownBy(() -> MappedDumpFile.open(path)).isInstanceOf(NoSuchFileException.class)
                .hasMessage(path.toString());
    }
}
