// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

/// What scanning one unit found. The arrays are not shared.
///
/// @param counts pages left out, by index of [PageKind]
/// @param unclassified pages kept because nothing is known of them
/// @param carry the range that goes on beyond the unit
/// @param anomalies struct pages that cannot be right
@SuppressWarnings("ArrayRecordComponent")
record UnitOutcome(long[] counts, long unclassified, Carry carry, Anomalies anomalies) {}
