// SPDX-License-Identifier: Apache-2.0
/// The input: pages by pfn out of whatever container holds them; start at [dev.vmsieve.filter.vmcore.Vmcore].
@NullMarked
package dev.vmsieve.filter.vmcore;

import org.jspecify.annotations.NullMarked;
