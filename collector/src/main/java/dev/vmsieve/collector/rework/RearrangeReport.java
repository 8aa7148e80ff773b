// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

/// What came out of a flattened stream.
///
/// @param records records with data, the end record not counted
/// @param dataBytes bytes of data in them
/// @param fileBytes size of the dump file, holes included
public record RearrangeReport(long records, long dataBytes, long fileBytes) {}
