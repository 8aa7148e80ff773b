// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

/// What scanning one unit found. The arrays are not shared.
///
/// @param counts pages left out, by index of [PageKind]
/// @param unclassified pages kept because nothing is known of them
/// @param leftOutBefore pages that an earlier run left out, and of which nothing else is known
/// @param carry the range that goes on beyond the unit
/// @param anomalies struct pages that cannot be right
@SuppressWarnings("ArrayRecordComponent")
record UnitOutcome(long[] counts, long unclassified, long leftOutBefore, Carry carry, Anomalies anomalies) {}
