// SPDX-License-Identifier: Apache-2.0
/// Tests of the page codecs: [dev.vmsieve.filter.codec.PageCodecContract] is the suite each of them passes.
@NullMarked
package dev.vmsieve.filter.codec;

import org.jspecify.annotations.NullMarked;
