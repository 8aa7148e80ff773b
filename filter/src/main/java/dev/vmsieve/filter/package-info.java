// SPDX-License-Identifier: Apache-2.0
/// The filter module of vmsieve.
@NullMarked
package dev.vmsieve.filter;

import org.jspecify.annotations.NullMarked;
