// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import dev.vmsieve.filter.bitmap.PageBitmap;

/// The bitmaps of a scan; all of one size.
///
/// @param existing 1st bitmap; read
/// @param dumpable 2nd bitmap; bits of pages left out are cleared
/// @param listed pages found in the free lists; read
/// @param unreadable pages that must never be read; bits of pages with memory errors and of offline ones are set
public record ScanTarget(PageBitmap existing, PageBitmap dumpable, PageBitmap listed, PageBitmap unreadable) {}
