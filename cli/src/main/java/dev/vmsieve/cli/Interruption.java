// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.collector.plan.Cancellation;

/// Lets SIGTERM, SIGINT and SIGHUP end a run decently: what is at hand is written, the dump file stays marked
/// incomplete, one line says so. The exit status is the system's, 128 + the signal's number.
///
/// The JVM answers those signals by running shutdown hooks. Ours asks the collection to end, waits until the run has
/// returned, and only then lets the process end.
final class Interruption {
    /// Writing what is at hand takes less; a disk that takes longer is not waited for, the file is marked all the same.
    private static final long PATIENCE_SECONDS = 20;

    private final Cancellation cancellation = new Cancellation(this::outputLost);
    private final CountDownLatch returned = new CountDownLatch(1);
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

    /// No file is being written any more.
    synchronized void endWriting() {
        writing = false;
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
    void finish() {
        synchronized (this) {
            finished = true;
        }
        returned.countDown();
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

    private void onShutdown(Console console) {
        boolean wait;
        synchronized (this) {
            if (finished) {
                return;
            }
            cancellation.request();
            wait = writing;
            told = !wait;
        }
        if (!wait) {
            console.error(message);
            return;
        }
        try {
            if (!returned.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                console.error("Interrupted by a signal; the dump file is marked incomplete.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
