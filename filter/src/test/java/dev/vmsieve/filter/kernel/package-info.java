// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.vmsieve.filter.kernel;

import org.jspecify.annotations.NullMarked;
