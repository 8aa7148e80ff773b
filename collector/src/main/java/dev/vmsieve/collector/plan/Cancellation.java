// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.plan;

/// Asks a running collection to end early, with a usable dump file: what is at hand is written, nothing new begun.
///
/// Any thread may ask, a signal handler's or a shutdown hook's among them. It must then wait for the collection to
/// return before it lets the process end.
public final class Cancellation {
    /// Written by whoever asks, read by the workers between two batches.
    private volatile boolean requested;

    /// Asks for the end; asking again changes nothing.
    public void request() {
        requested = true;
    }

    /// True once somebody asked.
    public boolean requested() {
        return requested;
    }
}
