// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

/// What one run of a process took.
///
/// @param wallSeconds from the start of the process to its end; for a pipe, to the end of its reader
/// @param userSeconds CPU time of the process itself
/// @param systemSeconds CPU time in the kernel on its behalf
/// @param peakKib most memory resident at a time
/// @param exitCode 128 + n if signal n ended it
record Usage(double wallSeconds, double userSeconds, double systemSeconds, long peakKib, int exitCode) {}
