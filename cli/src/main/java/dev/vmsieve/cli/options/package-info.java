// SPDX-License-Identifier: Apache-2.0
/// The command line as text: which options there are ([dev.vmsieve.cli.options.Option], the one table that parser, help
/// and completion read), how they are taken apart ([dev.vmsieve.cli.options.OptionScanner], the rules of GNU getopt_long),
/// what they mean together ([dev.vmsieve.cli.options.CommandLine]) and which combinations are refused
/// ([dev.vmsieve.cli.options.ModeRules]). Nothing here opens a file or prints. Start at `CommandLine.parse`.
///
/// All of it runs before the first page is read, in a few milliseconds: no reflection, no regular expressions, no streams.
@NullMarked
package dev.vmsieve.cli.options;

import org.jspecify.annotations.NullMarked;
