// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedOutputTest {
    private static final Path FILE = Path.of("/disk/vmcore");

    /// Writers stay in it until the gate opens.
    private static final class Holding implements OutputChannel {
        final CountDownLatch gate = new CountDownLatch(1);
        final CountDownLatch asked = new CountDownLatch(3);
        private final boolean failed;

        Holding(boolean failed) {
            this.failed = failed;
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void truncate(long bytes) {}

        @Override
        public void force() throws IOException {
            asked.countDown();
            if (failed) {
                throw new IOException("Read-only file system");
            }
        }

        @Override
        public boolean sparse() {
            return true;
        }

        @Override
        public String discard() {
            return NOTHING_LEFT;
        }

        @Override
        public void close() {}
    }

    @Test
    void tellsTheErrorOfAnOutputThatLetsNoWriterGo() throws Exception {
        Holding held = new Holding(true);
        SynchronousQueue<IOException> told = new SynchronousQueue<>();
        try (WatchedOutput output = watched(held, Duration.ofMillis(1), failure -> {
            try {
                told.put(failure);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        })) {
            Thread writer = writer(output);
            assertThat(told.take()).hasMessage(
                    "[/disk/vmcore] Read-only file system: the target takes nothing any more; what is left");
            held.gate.countDown();
            writer.join();
        }
    }

    @Test
    void waitsForAnOutputThatIsMerelySlow() throws Exception {
        Holding held = new Holding(false);
        List<IOException> told = Collections.synchronizedList(new ArrayList<>());
        try (WatchedOutput output = watched(held, Duration.ofMillis(1), told::add)) {
            Thread writer = writer(output);
            held.asked.await();
            held.gate.countDown();
            writer.join();
        }
        assertThat(told).isEmpty();
    }

    @Test
    void asksNothingWhereNobodyWaits() throws Exception {
        Holding held = new Holding(true);
        List<IOException> told = Collections.synchronizedList(new ArrayList<>());
        held.gate.countDown();
        try (WatchedOutput output = watched(held, Duration.ofHours(1), told::add)) {
            writer(output).join();
        }
        assertThat(told).isEmpty();
        assertThat(held.asked.getCount()).isEqualTo(3);
    }

    @Test
    void watchesAStreamThatEndsInAFile(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("flat");
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        try (FileChannel plain = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileChannel pipe = FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            try (WatchedStream toFile = stream(plain);
                    WatchedStream toPipe = stream(pipe);
                    WatchedStream toNowhere = stream(Channels.newChannel(OutputStream.nullOutputStream()))) {
                assertThat(List.of(toFile.watched(), toPipe.watched(), toNowhere.watched()))
                        .containsExactly(true, false, false);
                toFile.write(ByteBuffer.wrap(new byte[]{1, 2}));
                toPipe.write(ByteBuffer.wrap(new byte[]{3}));
            }
            assertThat(plain.isOpen()).isTrue();
        }
        assertThat(file).hasBinaryContent(new byte[]{1, 2});
    }

    /// What -F sends into a file whose disk is gone.
    @Test
    void tellsTheErrorOfAFileThatLetsNoStreamGo() throws Exception {
        Holding held = new Holding(true);
        CountDownLatch told = new CountDownLatch(1);
        WritableByteChannel holding = new WritableByteChannel() {
            @Override
            public int write(ByteBuffer source) throws IOException {
                held.write(source, 0);
                return source.remaining();
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        try (WatchedStream stream = new WatchedStream(holding,
                new WriteWatch(held::force, FILE, "what is left", Duration.ofMillis(1), failure -> told.countDown()))) {
            Thread writer = Thread.ofPlatform().start(() -> assertThatCode(
                    () -> stream.write(ByteBuffer.allocate(1))).doesNotThrowAnyException());
            told.await();
            held.gate.countDown();
            writer.join();
        }
        assertThat(told.getCount()).isZero();
    }

    private static WatchedStream stream(WritableByteChannel channel) {
        return WatchedStream.of(channel, FILE, "what is left", failure -> {});
    }

    private static WatchedOutput watched(OutputChannel output, Duration patience, Consumer<IOException> listener) {
        return new WatchedOutput(output, new WriteWatch(output::force, FILE, "what is left", patience, listener));
    }

    private static Thread writer(OutputChannel output) {
        return Thread.ofPlatform().start(() -> {
            try {
                output.write(ByteBuffer.allocate(1), 0);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
