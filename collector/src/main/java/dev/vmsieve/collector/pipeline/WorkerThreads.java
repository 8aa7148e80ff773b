// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import dev.vmsieve.collector.plan.Cancellation;

/// Starts threads and waits for all of them.
final class WorkerThreads {
    /// What the threads work on, and what fails if one cannot be started.
    interface Work {
        void fail(Throwable cause);
    }

    private WorkerThreads() {}

    /// Returns when all have ended. The calling thread reads and writes nothing itself, since an interrupt would close the
    /// files under it; an interrupt is taken for a request to end early ([Cancellation#takeInterrupt]).
    static void startAndJoin(Thread[] workers, Work work, Cancellation cancellation) {
        int started = 0;
        try {
            while (started < workers.length) {
                workers[started].start();
                started++;
            }
        } catch (OutOfMemoryError noThread) {
            work.fail(noThread);
        }
        for (int i = 0; i < started; i++) {
            join(workers[i], cancellation);
        }
        cancellation.takeInterrupt();
    }

    private static void join(Thread worker, Cancellation cancellation) {
        while (true) {
            try {
                worker.join();
                return;
            } catch (InterruptedException wish) {
                cancellation.requestByInterrupt();
            }
        }
    }
}
