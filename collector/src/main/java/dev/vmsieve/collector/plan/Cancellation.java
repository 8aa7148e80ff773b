// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.plan;

import java.io.IOException;
import java.util.function.Consumer;

/// Asks a running collection, one at a time, to end early, with a usable dump file: what is at hand is written, nothing new
/// begun.
///
/// Any thread may ask, a signal handler's or a shutdown hook's among them. It must then wait for the collection to
/// return before it lets the process end.
public final class Cancellation {
    private final Consumer<IOException> lastResort;
    /// Written by whoever asks, read by the workers between two batches.
    private volatile boolean requested;
    /// Of the collecting thread alone.
    private boolean interruptTaken;

    /// For a collection whose writers may wait for ever, should the system want it so.
    public Cancellation() {
        this(failure -> {});
    }

    /// @param lastResort told of the output's failure when the system lets no writer go, so that the collection cannot
    ///        return: only the end of the process ends it. A thread of the collection's own calls it, once an output
    public Cancellation(Consumer<IOException> lastResort) {
        this.lastResort = lastResort;
    }

    /// The output has failed, and the system lets no writer go.
    public void outputLost(IOException failure) {
        lastResort.accept(failure);
    }

    /// Asks for the end; asking again changes nothing.
    public void request() {
        requested = true;
    }

    /// Takes an interrupt of the calling thread as [#takeInterrupt] does, to be given back by the same thread when it closes
    /// what this returns.
    public HeldInterrupt holdInterrupt() {
        takeInterrupt();
        return new HeldInterrupt(this);
    }

    /// Takes an interrupt of the calling thread, if there was one, for a request: it would close the files that the thread
    /// uses from here on.
    public void takeInterrupt() {
        if (Thread.interrupted()) {
            requestByInterrupt();
        }
    }

    /// An interrupt of the calling thread has come as an exception: the same.
    public void requestByInterrupt() {
        interruptTaken = true;
        request();
    }

    /// Interrupts the calling thread again, if an interrupt was taken from it.
    void giveInterruptBack() {
        if (interruptTaken) {
            interruptTaken = false;
            Thread.currentThread().interrupt();
        }
    }

    /// True once somebody asked.
    public boolean requested() {
        return requested;
    }
}
