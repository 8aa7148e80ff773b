// SPDX-License-Identifier: Apache-2.0
/// The page compressions of the kdump-compressed format, both directions, one page at a time; start at [dev.vmsieve.filter.codec.PageCodec].
@NullMarked
package dev.vmsieve.filter.codec;

import org.jspecify.annotations.NullMarked;
