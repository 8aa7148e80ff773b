// SPDX-License-Identifier: Apache-2.0
/// What a user sees: two streams and five kinds of message ([dev.vmsieve.cli.console.Console]), the progress line
/// ([dev.vmsieve.cli.console.ConsoleProgress], which never makes a worker wait for a slow terminal) and the report
/// ([dev.vmsieve.cli.console.ReportPrinter]). Start at `Console`.
@NullMarked
package dev.vmsieve.cli.console;

import org.jspecify.annotations.NullMarked;
