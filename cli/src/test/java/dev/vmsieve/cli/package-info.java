// SPDX-License-Identifier: Apache-2.0
/// Tests of the command line, mostly through its real entry point; start at [dev.vmsieve.cli.Cli].
@NullMarked
package dev.vmsieve.cli;

import org.jspecify.annotations.NullMarked;
