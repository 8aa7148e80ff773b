// SPDX-License-Identifier: Apache-2.0
/// The crashed machine's architecture as data: page table geometry, where the kernel image is linked, and the defaults
/// for what VMCOREINFO leaves out. One small class each; start at [dev.vmsieve.filter.arch.Architecture].
///
/// Nothing here asks what machine we run on.
@NullMarked
package dev.vmsieve.filter.arch;

import org.jspecify.annotations.NullMarked;
