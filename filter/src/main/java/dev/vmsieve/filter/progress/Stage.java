// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.progress;

/// A stage of a run, in the order in which stages happen.
public enum Stage {
    /// Looking for types in a kernel's debug information.
    DEBUG_INFO,
    /// Finding which pages exist.
    MEMORY_HOLES,
    /// Reading the kernel's page structures and leaving out pages by dump level.
    UNNECESSARY_PAGES,
    /// Walking the kernel's free lists, where free pages carry no marker.
    FREE_PAGES,
    /// Looking for zero pages in a pass of its own.
    ZERO_PAGES,
    /// Reading, compressing and writing the kept pages.
    COPYING
}
