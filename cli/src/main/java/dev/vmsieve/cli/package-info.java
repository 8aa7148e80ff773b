// SPDX-License-Identifier: Apache-2.0
/// The command `vmsieve`, which is also a `makedumpfile`: reads the command line, drives filter and collector, and alone of
/// all modules prints. Start at [dev.vmsieve.cli.Main], then [dev.vmsieve.cli.DumpCommand].
///
/// The plain collecting line must start in milliseconds, since a crash kernel waits for it: it is read by a small parser of
/// our own. picocli, whose reflection costs more than a whole short dump, renders help and completion from the same table.
@NullMarked
package dev.vmsieve.cli;

import org.jspecify.annotations.NullMarked;
