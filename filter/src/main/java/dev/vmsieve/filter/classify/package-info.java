// SPDX-License-Identifier: Apache-2.0
/// What a page is, told from its struct page alone, and which kinds a dump level leaves out.
///
/// Stands between memmap, which finds the struct page of every pfn, and bitmap, whose second map is the outcome. Start
/// at [dev.vmsieve.filter.classify.PageKind], then [dev.vmsieve.filter.classify.DumpLevel].
@NullMarked
package dev.vmsieve.filter.classify;

import org.jspecify.annotations.NullMarked;
