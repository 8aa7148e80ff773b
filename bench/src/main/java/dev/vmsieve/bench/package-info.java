// SPDX-License-Identifier: Apache-2.0
/// The bench module of vmsieve.
@NullMarked
package dev.vmsieve.bench;

import org.jspecify.annotations.NullMarked;
