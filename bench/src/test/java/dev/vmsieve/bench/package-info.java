// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.vmsieve.bench;

import org.jspecify.annotations.NullMarked;
