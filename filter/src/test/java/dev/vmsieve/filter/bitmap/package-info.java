// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.vmsieve.filter.bitmap;

import org.jspecify.annotations.NullMarked;
