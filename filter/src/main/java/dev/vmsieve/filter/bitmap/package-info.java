// SPDX-License-Identifier: Apache-2.0
/// One bit a page frame number: which pages exist and which are to be dumped. The second is what the whole of filter produces.
@NullMarked
package dev.vmsieve.filter.bitmap;

import org.jspecify.annotations.NullMarked;
