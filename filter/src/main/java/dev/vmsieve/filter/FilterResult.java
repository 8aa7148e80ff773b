// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.progress.PageCounts;

/// What filtering found.
///
/// @param bitmaps which pages exist and which are to be dumped
/// @param counts how many pages of each kind were left out; zero pages are not among them yet
/// @param level the level in effect: what was asked for and what the input had left out already, or less where the
///        kernel's page structures turned out not to be trusted (a warning says so)
public record FilterResult(DumpBitmaps bitmaps, PageCounts counts, DumpLevel level) {}
