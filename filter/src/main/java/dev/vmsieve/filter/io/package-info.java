// SPDX-License-Identifier: Apache-2.0
/// Dump files as bytes, and the errors a dump can cause; every message starts with the file's name. Start at
/// [dev.vmsieve.filter.io.DumpFile] and [dev.vmsieve.filter.io.DumpException].
@NullMarked
package dev.vmsieve.filter.io;

import org.jspecify.annotations.NullMarked;
