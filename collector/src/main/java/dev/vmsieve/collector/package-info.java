// SPDX-License-Identifier: Apache-2.0
/// The collector module of vmsieve.
@NullMarked
package dev.vmsieve.collector;

import org.jspecify.annotations.NullMarked;
