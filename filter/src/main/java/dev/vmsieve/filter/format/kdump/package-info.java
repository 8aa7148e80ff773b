// SPDX-License-Identifier: Apache-2.0
/// The kdump-compressed file format, also called diskdump: its structures, read and written in one place each.
///
/// Start at [dev.vmsieve.filter.format.kdump.KdumpFormat], the grammar; [dev.vmsieve.filter.format.kdump.KdumpHeaders]
/// reads and checks both headers of a file. Structures are read and written by absolute offsets in a
/// [java.nio.ByteBuffer] whose order is that of the crashed machine: a struct layout with its var handles would cost
/// the start of every dump some ten milliseconds.
@NullMarked
package dev.vmsieve.filter.format.kdump;

import org.jspecify.annotations.NullMarked;
