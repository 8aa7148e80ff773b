// SPDX-License-Identifier: Apache-2.0
/// What people read before they run anything: help, manual page and shell completion, all from the tables of options and
/// commands. The only place that knows picocli; nothing of it is loaded when a dump is made. Start at
/// [dev.vmsieve.cli.manual.Pages].
@NullMarked
package dev.vmsieve.cli.manual;

import org.jspecify.annotations.NullMarked;
