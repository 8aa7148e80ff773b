// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

/// A range of pages left out that goes on beyond the unit it was found in.
///
/// @param end last pfn + 1 of the range
/// @param kind what its pages are
record Carry(long end, PageKind kind) {
    /// Nothing goes on.
    static final Carry NONE = new Carry(0, PageKind.KERNEL);
}
