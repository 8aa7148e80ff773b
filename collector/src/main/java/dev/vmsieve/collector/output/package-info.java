// SPDX-License-Identifier: Apache-2.0
/// The dump file: batches of compressed pages go in by their order, a file in one of the dump formats comes out.
///
/// Start at [dev.vmsieve.collector.output.DumpWriter]. A batch gets its place strictly in order, and is then written by
/// any thread at any time; so the file's bytes never depend on who was first. What cannot seek (a stream) is a sequential
/// output, whose batches are written one after the other.
@NullMarked
package dev.vmsieve.collector.output;

import org.jspecify.annotations.NullMarked;
