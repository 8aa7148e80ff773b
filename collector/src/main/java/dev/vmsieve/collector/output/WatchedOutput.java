// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// An output whose writes are watched by a thread of its own.
///
/// A file system whose disk is gone may hold its writers for ever instead of failing their writes: Linux lets them wait
/// until memory is written out that no longer can be (`balance_dirty_pages` in mm/page-writeback.c; seen with ext4 of
/// 6.1, whose journal was aborted). fsync still answers then. So when no write has returned for a while it is asked, and
/// its error told. A disk that is merely slow answers late, and nothing happens.
public final class WatchedOutput implements OutputChannel {
    /// How long no write returns before the system is asked.
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private final OutputChannel output;
    private final Path file;
    private final long patienceNanos;
    private final Consumer<IOException> listener;
    private final Thread watch;

    // Guarded by lock.
    private final Object lock = new Object();
    private int writing;
    private long lastChange = System.nanoTime();
    private boolean closed;

    /// Watches that output, which is closed with this one.
    ///
    /// @param file its name, for the message
    /// @param listener told once, by the watching thread, of the error of an output that lets no writer go
    public WatchedOutput(OutputChannel output, Path file, Duration patience, Consumer<IOException> listener) {
        this.output = output;
        this.file = file;
        this.patienceNanos = patience.toNanos();
        this.listener = listener;
        this.watch = new Thread(this::watch, "vmsieve-watch");
        watch.setDaemon(true);
        watch.start();
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        change(1);
        try {
            output.write(source, offset);
        } finally {
            change(-1);
        }
    }

    private void change(int writers) {
        synchronized (lock) {
            writing += writers;
            lastChange = System.nanoTime();
        }
    }

    private void watch() {
        try {
            while (awaitStandstill()) {
                try {
                    output.force();
                } catch (IOException e) {
                    tell(e);
                    return;
                }
                change(0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(IOException failure) {
        synchronized (lock) {
            if (closed) {
                return;
            }
        }
        listener.accept(new IOException("[" + file + "] " + failure.getMessage(), failure));
    }

    /// True if writers have waited for too long, false at the end.
    private boolean awaitStandstill() throws InterruptedException {
        synchronized (lock) {
            while (!closed) {
                long left = lastChange + patienceNanos - System.nanoTime();
                if (left <= 0 && writing > 0) {
                    return true;
                }
                // Without a writer there is nothing to wait for until the next one has waited.
                TimeUnit.NANOSECONDS.timedWait(lock, Math.max(left <= 0 ? patienceNanos : left, 1_000_000));
            }
            return false;
        }
    }

    @Override
    public void truncate(long bytes) throws IOException {
        output.truncate(bytes);
    }

    @Override
    public void extend(long bytes) throws IOException {
        output.extend(bytes);
    }

    @Override
    public void force() throws IOException {
        output.force();
    }

    @Override
    public boolean sparse() {
        return output.sparse();
    }

    @Override
    public boolean sequential() {
        return output.sequential();
    }

    @Override
    public void end() throws IOException {
        output.end();
    }

    @Override
    public void discard() throws IOException {
        endWatch();
        output.discard();
    }

    @Override
    public void close() throws IOException {
        endWatch();
        output.close();
    }

    private void endWatch() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        boolean interrupted = false;
        while (watch.isAlive()) {
            try {
                watch.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
