// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Watches the writers of one output, by a thread of its own.
///
/// A file system whose disk is gone may hold its writers for ever instead of failing their writes: Linux lets them wait
/// until memory is written out that no longer can be (`balance_dirty_pages` in mm/page-writeback.c; seen with ext4 of
/// 6.1, whose journal was aborted). fsync still answers then. So when no write has returned for a while it is asked, and
/// its error told. A disk that is merely slow answers late, and nothing happens.
public final class WriteWatch implements AutoCloseable {
    /// How long no write returns before the system is asked.
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /// What an output can be asked.
    @FunctionalInterface
    interface Disk {
        /// Returns when all that was written is on the disk, or fails.
        void force() throws IOException;
    }

    private final Disk disk;
    private final Path file;
    private final String left;
    private final long patienceNanos;
    private final Consumer<IOException> listener;
    private final Thread watch;

    // Guarded by lock.
    private final Object lock = new Object();
    private int writing;
    private long lastChange = System.nanoTime();
    private boolean closed;

    /// A watch of writes to that file.
    ///
    /// @param file its name, for the message
    /// @param left what will be left of it, to end the message with
    /// @param listener told once, by the watching thread, of the error of an output that lets no writer go
    public WriteWatch(FileChannel channel, Path file, String left, Consumer<IOException> listener) {
        this(() -> channel.force(true), file, left, PATIENCE, listener);
    }

    /// The same for a terminal, or another device without a disk behind it: whoever holds it up may do so.
    public static WriteWatch ofDevice(Path file, String left, Consumer<IOException> listener) {
        return new WriteWatch(() -> {}, file, left, PATIENCE, listener);
    }

    WriteWatch(Disk disk, Path file, String left, Duration patience, Consumer<IOException> listener) {
        this.disk = disk;
        this.file = file;
        this.left = left;
        this.patienceNanos = patience.toNanos();
        this.listener = listener;
        this.watch = new Thread(this::watch, "vmsieve-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /// A write begins.
    public void begin() {
        change(1);
    }

    /// A write has returned, or failed.
    public void end() {
        change(-1);
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
                    disk.force();
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
        listener.accept(new IOException("[" + file + "] " + failure.getMessage()
                + ": the target takes nothing any more; " + left, failure));
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

    /// Nothing is told from here on.
    @Override
    public void close() {
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
