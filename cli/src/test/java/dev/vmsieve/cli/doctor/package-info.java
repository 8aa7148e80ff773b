// SPDX-License-Identifier: Apache-2.0
/// Tests of this package.
@NullMarked
package dev.vmsieve.cli.doctor;

import org.jspecify.annotations.NullMarked;
