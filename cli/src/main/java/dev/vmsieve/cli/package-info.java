// SPDX-License-Identifier: Apache-2.0
/// The cli module of vmsieve.
@NullMarked
package dev.vmsieve.cli;

import org.jspecify.annotations.NullMarked;
