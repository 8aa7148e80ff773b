// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.plan;

/// While it is open, an interrupt that the thread had before is held back, since it would close the files that the thread
/// uses; closing gives it back ([Cancellation#holdInterrupt]).
public final class HeldInterrupt implements AutoCloseable {
    private final Cancellation cancellation;

    HeldInterrupt(Cancellation cancellation) {
        this.cancellation = cancellation;
    }

    @Override
    public void close() {
        cancellation.giveInterruptBack();
    }
}
