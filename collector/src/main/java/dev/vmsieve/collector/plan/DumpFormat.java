// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.plan;

/// The forms of a dump file.
public enum DumpFormat {
    /// makedumpfile's own: compressed page by page.
    KDUMP,
    /// A core file, for gdb: pages as they are.
    ELF
}
