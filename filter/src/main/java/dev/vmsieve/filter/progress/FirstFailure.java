// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.progress;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/// The first failure of the threads that do one piece of work: told by any of them, thrown by whoever waited for all.
public final class FirstFailure {
    /// Guarded by the lock of this.
    private @Nullable Throwable cause;

    /// A thread has failed; what fails after the first one is dropped.
    public synchronized void add(Throwable failure) {
        if (cause == null) {
            cause = failure;
        }
    }

    /// True once a thread has failed: the others need not go on.
    public synchronized boolean any() {
        return cause != null;
    }

    /// Throws the failure, if there is one; a checked one other than [IOException] cannot be.
    public synchronized void rethrow() throws IOException {
        if (cause instanceof IOException e) {
            throw e;
        }
        if (cause instanceof RuntimeException e) {
            throw e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
    }
}
