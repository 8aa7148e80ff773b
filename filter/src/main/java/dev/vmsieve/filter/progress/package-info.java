// SPDX-License-Identifier: Apache-2.0
/// What the libraries tell while they work: stages, amounts, warnings and page counts. They never print; see [dev.vmsieve.filter.progress.Progress].
@NullMarked
package dev.vmsieve.filter.progress;

import org.jspecify.annotations.NullMarked;
