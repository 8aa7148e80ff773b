// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;

import org.junit.jupiter.api.Test;

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
        public void discard() {}

        @Override
        public void close() {}
    }

    @Test
    void tellsTheErrorOfAnOutputThatLetsNoWriterGo() throws Exception {
        Holding held = new Holding(true);
        SynchronousQueue<IOException> told = new SynchronousQueue<>();
        try (WatchedOutput output = new WatchedOutput(held, FILE, Duration.ofMillis(1), failure -> {
            try {
                told.put(failure);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        })) {
            Thread writer = writer(output);
            assertThat(told.take()).hasMessage("[/disk/vmcore] Read-only file system");
            held.gate.countDown();
            writer.join();
        }
    }

    @Test
    void waitsForAnOutputThatIsMerelySlow() throws Exception {
        Holding held = new Holding(false);
        List<IOException> told = Collections.synchronizedList(new ArrayList<>());
        try (WatchedOutput output = new WatchedOutput(held, FILE, Duration.ofMillis(1), told::add)) {
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
        try (WatchedOutput output = new WatchedOutput(held, FILE, Duration.ofHours(1), told::add)) {
            writer(output).join();
        }
        assertThat(told).isEmpty();
        assertThat(held.asked.getCount()).isEqualTo(3);
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
