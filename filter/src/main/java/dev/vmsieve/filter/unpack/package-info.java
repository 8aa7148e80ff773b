// SPDX-License-Identifier: Apache-2.0
/// Inputs that cannot be read at any place: files compressed as a whole, and pipes. They are unpacked into a work file,
/// which is then read as if it were the input.
///
/// Start at [dev.vmsieve.filter.unpack.Unpacker]. [dev.vmsieve.filter.unpack.Packing] is what the first bytes say,
/// [dev.vmsieve.filter.unpack.WorkFile] is the place that the bytes go to. Nothing here is loaded for an ordinary input.
@NullMarked
package dev.vmsieve.filter.unpack;

import org.jspecify.annotations.NullMarked;
