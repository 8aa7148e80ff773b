// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import dev.vmsieve.filter.progress.WorkTimes;

/// What was written.
///
/// @param pages pages in the dump file, shared ones included: number of page descriptors
/// @param zeroPages pages filled with zeroes, where the dump level leaves those out; 0 at any other level
/// @param sharedPages pages filled with zeroes, at every level: they share one block of the file
/// @param rawPages other pages stored as they are
/// @param fileBytes size of the dump file
/// @param writtenBytes bytes handed to the system; less than the file's size where it has holes
/// @param unreadablePages pages that could not be read and were taken for zero
/// @param nanos how long it took
/// @param times what the threads spent theirs with
public record CollectReport(long pages, long zeroPages, long sharedPages, long rawPages, long fileBytes,
        long writtenBytes, long unreadablePages, long nanos, WorkTimes times) {}
