// SPDX-License-Identifier: Apache-2.0
/// What the crashed kernel tells about itself: its VMCOREINFO text, and what is resolved from it once at start. Start at
/// [dev.vmsieve.filter.kernel.Vmcoreinfo].
///
/// A question of layout is answered by asking for the key, never by comparing kernel versions: distributions backport.
@NullMarked
package dev.vmsieve.filter.kernel;

import org.jspecify.annotations.NullMarked;
