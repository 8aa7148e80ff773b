// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

/// What came out of the parts.
///
/// @param pages pages in the dump file, shared ones included: number of page descriptors
/// @param missingPages pages among them that no part holds, because it was cut short
/// @param fileBytes size of the dump file
public record ReassembleReport(long pages, long missingPages, long fileBytes) {}
