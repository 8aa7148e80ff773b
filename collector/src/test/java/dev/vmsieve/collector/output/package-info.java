// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.vmsieve.collector.output;

import org.jspecify.annotations.NullMarked;
