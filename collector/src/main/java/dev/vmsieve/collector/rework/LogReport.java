// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

/// What was printed of a kernel log.
///
/// @param records records; 0 for a log of plain text, which has none
/// @param bytes bytes of text
public record LogReport(long records, long bytes) {}
