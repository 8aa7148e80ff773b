// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.progress.WorkTimes;

/// What became of a collection.
///
/// @param ending how it ended
/// @param pages the first pages, all of them written; others may be written too
/// @param dataEnd where the data of these pages end in the file; 0 if there are none
/// @param failure why a worker failed; null if none did
/// @param times what the workers spent their time with
public record Outcome(Ending ending, long pages, long dataEnd, @Nullable Throwable failure, WorkTimes times) {}
