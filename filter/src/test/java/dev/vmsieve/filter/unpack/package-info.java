// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.vmsieve.filter.unpack;

import org.jspecify.annotations.NullMarked;
