// SPDX-License-Identifier: Apache-2.0
/// What is done to dumps beside filtering them: rearranging a flattened stream, joining the pieces of a split dump,
/// taking out the kernel's log.
///
/// | class | makedumpfile's option |
/// |---|---|
/// | [dev.vmsieve.collector.rework.Rearranger] | `-R` |
/// | [dev.vmsieve.collector.rework.Reassembler] | `--reassemble` |
/// | [dev.vmsieve.collector.rework.KernelLog] | `--dump-dmesg`, `--partial-dmesg` |
///
/// Every file made here is marked incomplete from the first bytes of its header on, and the mark is taken off last; see
/// [dev.vmsieve.collector.rework.IncompleteFileException] for what is said when that moment is never reached.
@NullMarked
package dev.vmsieve.collector.rework;

import org.jspecify.annotations.NullMarked;
