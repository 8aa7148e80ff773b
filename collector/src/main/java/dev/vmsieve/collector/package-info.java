// SPDX-License-Identifier: Apache-2.0
/// Takes the kept pages out of a vmcore, compresses them and writes the dump file.
///
/// ```
/// FilterResult ═► plan ─► pipeline ─► output
///                 batches  workers    kdump file,
///                 of pfns  compress   ELF file
/// ```
///
/// The one door is [dev.vmsieve.collector.Collector]. It never prints: it tells a
/// [dev.vmsieve.filter.progress.Progress] what it does, returns a [dev.vmsieve.collector.CollectReport], and throws an
/// [dev.vmsieve.collector.IncompleteDumpException] when a file was left that does not hold all pages. The file's bytes
/// depend on the input, the dump level and the compression alone, never on threads or batches.
@NullMarked
package dev.vmsieve.collector;

import org.jspecify.annotations.NullMarked;
