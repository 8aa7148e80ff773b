// SPDX-License-Identifier: Apache-2.0
/// Tables that say which part of a file holds which part of something else: of the dump file that was flattened, or of
/// physical memory. However many parts there are, memory is bounded.
///
/// Start at [dev.vmsieve.filter.extent.ExtentSorter], which makes an [dev.vmsieve.filter.extent.ExtentTable].
@NullMarked
package dev.vmsieve.filter.extent;

import org.jspecify.annotations.NullMarked;
