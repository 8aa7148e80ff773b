// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import dev.vmsieve.collector.CollectReport;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.progress.PageCounts;

/// What a run that went to its end has to tell.
///
/// @param level the dump level in effect
/// @param counts pages by kind, zero pages included
/// @param written what the collector did
record DumpOutcome(DumpLevel level, PageCounts counts, CollectReport written) {}
