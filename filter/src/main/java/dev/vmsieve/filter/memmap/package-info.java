// SPDX-License-Identifier: Apache-2.0
/// From a pfn to its struct page: which memory model the crashed kernel used, and its struct pages read in bulk.
///
/// [dev.vmsieve.filter.memmap.MemoryModel] is found once and shared; each thread has a
/// [dev.vmsieve.filter.memmap.MemMap] of its own, a window of struct pages. Start at the first.
@NullMarked
package dev.vmsieve.filter.memmap;

import org.jspecify.annotations.NullMarked;
