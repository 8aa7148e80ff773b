// SPDX-License-Identifier: Apache-2.0
/// The flattened form of a dump file: a file with seeks, sent through a pipe.
///
/// A block of 4096 bytes names the form; then come records, each a place in the dump file, a length and the bytes that
/// belong there; a record with place and length -1 ends the stream. All numbers are big endian on every machine. Records
/// come in any order, a later one replaces what an earlier one put at the same place, and what no record covers is zero.
///
/// Start at [dev.vmsieve.filter.format.flat.FlattenedRecord].
@NullMarked
package dev.vmsieve.filter.format.flat;

import org.jspecify.annotations.NullMarked;
