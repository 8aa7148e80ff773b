// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

/// What filter hands to collector: the two bitmaps of a dump file.
///
/// @param existing 1st bitmap: the page exists in the crashed machine
/// @param dumpable 2nd bitmap: the page is to be dumped; a subset of the first
/// @param unreadable pages that must never be read, wherever a dump format keeps them: pages with memory errors and
///        offline pages. Their contents are written as zeroes
public record DumpBitmaps(PageBitmap existing, PageBitmap dumpable, PageBitmap unreadable) {}
