// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

/// What was written.
///
/// @param pages pages, shared ones included
/// @param sharedPages zero pages, which share one block
/// @param rawPages other pages stored as they are
/// @param fileBytes size of the file
/// @param writtenBytes bytes handed to the system
public record WriteCounts(long pages, long sharedPages, long rawPages, long fileBytes, long writtenBytes) {
    /// Of two files together.
    public WriteCounts plus(WriteCounts other) {
        return new WriteCounts(pages + other.pages, sharedPages + other.sharedPages, rawPages + other.rawPages,
                fileBytes + other.fileBytes, writtenBytes + other.writtenBytes);
    }
}
