// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.collector.plan.Cancellation;

/// Lets SIGTERM, SIGINT and SIGHUP end a run decently: what is at hand is written, the dump file stays marked
/// incomplete, one line says so. The exit status is the system's, 128 + the signal's number.
///
/// The JVM answers those signals by running shutdown hooks. Ours asks the collection to end, waits until the run has
/// returned, and only then lets the process end. A run that has only its last words to say is given a few seconds: its
/// console may be stalled.
final class Interruption {
    /// Writing what is at hand takes less; a disk that takes longer is not waited for, the file is marked all the same.
    private static final long PATIENCE_SECONDS = 20;

    private final Cancellation cancellation = new Cancellation(this::outputLost);
    // Guarded by this: the run's thread writes, the hook reads.
    private boolean writing;
    private boolean finished;
    private boolean told;
    private Consumer<String> lastWords = line -> {};
    private String message = "Interrupted by a signal before anything was written.";

    /// What a collection is to watch.
    Cancellation cancellation() {
        return cancellation;
    }

    /// From now on a signal is answered by the run itself.
    ///
    /// @return false if a signal came already: do not begin
    synchronized boolean beginWriting() {
        writing = !cancellation.requested();
        return writing;
    }

    /// From now on a signal ends the run at once, and this is what the user is told.
    synchronized void leaves(String lineForTheUser) {
        message = lineForTheUser;
    }

    /// No file is being written any more. From now on a signal ends the run at once.
    ///
    /// @param lineForTheUser what the user is told then; empty if what was said before still holds
    synchronized void endWriting(Optional<String> lineForTheUser) {
        writing = false;
        message = lineForTheUser.orElse(message);
        notifyAll();
    }

    /// A signal came before anything was written, and the user was told.
    synchronized boolean told() {
        return told;
    }

    /// A signal has come.
    boolean requested() {
        return cancellation.requested();
    }

    /// The run has returned and said all it has to say.
    synchronized void finish() {
        finished = true;
        notifyAll();
    }

    /// Makes signals come here.
    ///
    /// @param end says a last line and ends the process, whatever still runs: for an output that lets no writer go
    /// @return false if one came already, and the JVM is about to end
    boolean install(Console console, Consumer<String> end) {
        synchronized (this) {
            lastWords = end;
        }
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> onShutdown(console), "interruption"));
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /// The output has failed, and the system lets no writer go: says so and ends the process.
    void outputLost(IOException failure) {
        Consumer<String> end;
        synchronized (this) {
            end = lastWords;
        }
        end.accept(String.valueOf(failure.getMessage()));
    }

    /// What a signal brings about. Never waits for a console that takes nothing.
    void onShutdown(Console console) {
        String lastWords;
        synchronized (this) {
            if (finished) {
                return;
            }
            cancellation.request();
            if (writing && awaitReturn()) {
                return;
            }
            told = true;
            lastWords = writing ? "Interrupted by a signal; the dump file is marked incomplete." : message;
        }
        Console.sayPatiently(() -> console.error(lastWords));
    }

    /// @return false if the run takes too long
    private synchronized boolean awaitReturn() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        boolean speaking = false;
        while (!finished) {
            if (!writing && !speaking) {
                speaking = true;
                // The progress shown so far, and the last words.
                deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2 * Console.PATIENCE_MILLIS);
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (millis <= 0) {
                return false;
            }
            try {
                wait(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
