// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

/// How an input is to be read.
///
/// @param mmap map files whose reads are slow (/proc/vmcore); false: read them all the same
public record OpenOptions(boolean mmap) {}
