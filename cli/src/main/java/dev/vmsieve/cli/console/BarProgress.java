// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;

/// A bar for each stage, redrawn ten times a second on a terminal; elsewhere one line when the stage ends.
public final class BarProgress implements Progress, AutoCloseable {
    private static final int COLUMNS = 40;
    private static final int NAME_COLUMNS = 29;
    private static final long INTERVAL_MILLIS = 100;

    private final PrintStream stream;
    private final boolean terminal;
    private final boolean colour;
    /// Written by all workers; reset by the run's thread between stages.
    private final AtomicLong done = new AtomicLong();
    private final Thread painter;

    // Guarded by this.
    private @Nullable Stage stage;
    private long total;
    private long start;
    private boolean closed;

    /// @param terminal the stream is a terminal: lines can be redrawn
    /// @param colour the terminal shows colours, and its user wants them
    public BarProgress(PrintStream stream, boolean terminal, boolean colour) {
        this.stream = stream;
        this.terminal = terminal;
        this.colour = colour && terminal;
        painter = new Thread(this::paintLoop, "progress bar");
        painter.setDaemon(true);
        if (terminal) {
            painter.start();
        }
    }

    @Override
    public synchronized void begin(Stage next, long stageTotal) {
        stage = next;
        total = stageTotal;
        start = System.nanoTime();
        done.set(0);
        notifyAll();
    }

    @Override
    public void advance(long amount) {
        done.getAndAdd(amount);
    }

    @Override
    public synchronized void end(Stage ended) {
        long millis = (System.nanoTime() - start) / 1_000_000;
        print(bar(ended, 1, 1) + "  " + seconds(millis) + "\n");
        stage = null;
    }

    @Override
    public synchronized void warning(String message) {
        print("     note: " + message + "\n");
    }

    /// Ends the painter.
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private synchronized void paintLoop() {
        try {
            while (!closed) {
                if (stage != null) {
                    long part = Math.min(done.get(), total);
                    long millis = (System.nanoTime() - start) / 1_000_000;
                    print(bar(stage, part, Math.max(total, 1)) + "  "
                            + ProgressLine.remaining(part, Math.max(total, 1), millis));
                }
                wait(INTERVAL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String bar(Stage shown, long part, long whole) {
        int filled = (int) (Text.tenths(part, whole) * COLUMNS / 1000);
        String bar = "#".repeat(filled) + ".".repeat(COLUMNS - filled);
        return "     " + Text.left(ProgressLine.name(shown), NAME_COLUMNS) + "["
                + (colour ? "\u001b[32m" + bar + "\u001b[0m" : bar) + "] "
                + Text.right(Text.percent(part, whole), 5) + " %";
    }

    /// `1.234 s`
    public static String seconds(long millis) {
        return millis / 1000 + "." + Text.digits(millis % 1000, 3) + " s";
    }

    private void print(String text) {
        // Erases what an earlier, longer line left.
        stream.print(terminal ? "\r\u001b[K" + text : text);
        stream.flush();
    }
}
