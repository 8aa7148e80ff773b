// SPDX-License-Identifier: Apache-2.0
/// The whole-process comparison with makedumpfile, run by `bench/compare`.
///
/// [dev.vmsieve.bench.compare.Compare] is the command line; [dev.vmsieve.bench.compare.Trial] runs one case, program
/// against program in alternation; [dev.vmsieve.bench.compare.ChildProcess] runs and measures one process;
/// [dev.vmsieve.bench.compare.PageProof] holds what was written against the vmcore; the reports print it all. Nothing
/// here uses the code that is measured.
@NullMarked
package dev.vmsieve.bench.compare;

import org.jspecify.annotations.NullMarked;
