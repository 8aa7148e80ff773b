// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.progress;

/// What a run's threads spent their time with, all of them together.
///
/// @param readNanos reading pages, or their stored forms
/// @param compressNanos finding pages of zeroes, compressing, and copying within memory
/// @param writeNanos writing
/// @param waitNanos waiting for one another
public record WorkTimes(long readNanos, long compressNanos, long writeNanos, long waitNanos) {
    /// Nothing yet.
    public static final WorkTimes NONE = new WorkTimes(0, 0, 0, 0);

    /// Both together.
    public WorkTimes plus(WorkTimes other) {
        return new WorkTimes(readNanos + other.readNanos, compressNanos + other.compressNanos,
                writeNanos + other.writeNanos, waitNanos + other.waitNanos);
    }
}
