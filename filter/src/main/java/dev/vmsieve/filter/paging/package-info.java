// SPDX-License-Identifier: Apache-2.0
/// From kernel virtual addresses to memory: the page table walk, reads by kernel address, and the crashed kernel once its
/// page table has proved itself. Start at [dev.vmsieve.filter.paging.Kernel].
///
/// An address that maps to nothing is ordinary, a [dev.vmsieve.filter.paging.Translation.NotPresent], not an exception.
@NullMarked
package dev.vmsieve.filter.paging;

import org.jspecify.annotations.NullMarked;
