// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;

/// Shows progress on the console: at most one line a second, and the end of each stage once.
///
/// A thread of its own prints, so a slow serial console delays nobody: workers add to a counter, the run's thread
/// leaves what there is to say in a short queue. What the printer cannot keep up with is dropped, except warnings and
/// the end of a stage.
public final class ConsoleProgress implements Progress, AutoCloseable {
    private static final long INTERVAL_MILLIS = 1000;
    private static final int MAX_WARNINGS = 100;
    /// What a line of the report begins with while it waits.
    private static final String REPORT_MARK = "\0";

    private final Console console;
    /// Written by all workers; reset by the run's thread between stages.
    private final AtomicLong done = new AtomicLong();
    private final Thread printer;

    // Guarded by lock, except that the console is written to outside of it.
    private final Object lock = new Object();
    private final ArrayDeque<String> pending = new ArrayDeque<>();
    private @Nullable Stage stage;
    private long total;
    private long stageStart;
    private int warnings;
    private boolean printing;
    private boolean closed;
    private long lastLine = System.nanoTime() - 2 * INTERVAL_MILLIS * 1_000_000;
    private int turn;

    /// Progress for that console; close it before the last words of a run.
    public ConsoleProgress(Console console) {
        this.console = console;
        printer = new Thread(this::printLoop, "progress");
        printer.setDaemon(true);
        printer.start();
    }

    @Override
    public void begin(Stage next, long stageTotal) {
        synchronized (lock) {
            stage = next;
            total = stageTotal;
            stageStart = System.nanoTime();
            done.set(0);
            lock.notifyAll();
        }
    }

    @Override
    public void advance(long amount) {
        done.getAndAdd(amount);
    }

    @Override
    public void end(Stage ended) {
        long nanos;
        synchronized (lock) {
            nanos = System.nanoTime() - stageStart;
            if (console.shows(MessageLevel.PROGRESS)) {
                pending.add(ProgressLine.of(ended, 1, 1, nanos / 1_000_000, turn++));
                lastLine = System.nanoTime();
            }
            if (console.shows(MessageLevel.REPORT)) {
                pending.add(REPORT_MARK + ReportPrinter.step(ProgressLine.name(ended), nanos));
            }
            stage = null;
            lock.notifyAll();
        }
    }

    @Override
    public void warning(String message) {
        synchronized (lock) {
            if (warnings++ < MAX_WARNINGS) {
                pending.add(message);
                lock.notifyAll();
            }
        }
    }

    /// Shows what is still to be shown, for as long as a console may decently take, and ends the printer.
    @Override
    public void close() {
        long deadline = System.nanoTime() + Console.PATIENCE_MILLIS * 1_000_000;
        boolean interrupted = false;
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
            while (!pending.isEmpty() || printing) {
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    break;
                }
                try {
                    lock.wait(millis);
                } catch (InterruptedException e) {
                    interrupted = true;
                    break;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void printLoop() {
        try {
            String text = await();
            while (text != null) {
                if (text.startsWith("\r")) {
                    console.progressLine(text);
                } else if (text.startsWith(REPORT_MARK)) {
                    console.report(text.substring(REPORT_MARK.length()));
                } else {
                    console.error(text);
                }
                text = await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The next thing to print, when it is time for it; null at the end.
    private @Nullable String await() throws InterruptedException {
        synchronized (lock) {
            printing = false;
            lock.notifyAll();
            while (true) {
                String text = pending.poll();
                if (text == null && closed) {
                    return null;
                }
                if (text == null) {
                    text = lineIfDue();
                }
                if (text != null) {
                    printing = true;
                    return text;
                }
                lock.wait(millisToNextLine());
            }
        }
    }

    private @Nullable String lineIfDue() {
        Stage current = stage;
        long now = System.nanoTime();
        if (current == null || !console.shows(MessageLevel.PROGRESS)
                || now - lastLine < INTERVAL_MILLIS * 1_000_000) {
            return null;
        }
        lastLine = now;
        // 100 % is said once, by the end of the stage.
        long part = Math.min(done.get(), Math.max(total - Math.max(total / 1000, 1), 0));
        return ProgressLine.of(current, part, Math.max(total, 1), (now - stageStart) / 1_000_000, turn++);
    }

    /// At least 1; 0 would wait for ever.
    private long millisToNextLine() {
        if (stage == null) {
            return INTERVAL_MILLIS;
        }
        return Math.max(INTERVAL_MILLIS - (System.nanoTime() - lastLine) / 1_000_000, 1);
    }
}
