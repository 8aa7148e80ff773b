// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.util.function.Consumer;

/// What one run of a process took.
///
/// @param wallSeconds from the start of the process to its end; for a pipe, to the end of its reader
/// @param userSeconds CPU time of the process itself
/// @param systemSeconds CPU time in the kernel on its behalf
/// @param peakKib most memory resident at a time
/// @param exitCode 128 + n if signal n ended it; of a pipe's reader, if only that failed
record Usage(double wallSeconds, double userSeconds, double systemSeconds, long peakKib, int exitCode) {
    /// The same, of a run that came to nothing.
    Usage failed() {
        return new Usage(wallSeconds, userSeconds, systemSeconds, peakKib, exitCode == 0 ? 1 : exitCode);
    }

    /// Hands on a run that ended well.
    void ifGood(Consumer<Usage> consumer) {
        if (exitCode == 0) {
            consumer.accept(this);
        }
    }
}
