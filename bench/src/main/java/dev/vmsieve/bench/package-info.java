// SPDX-License-Identifier: Apache-2.0
/// How fast is it? JMH benchmarks, a class a question, and the ground under the whole-process tools.
///
/// What a page costs: [dev.vmsieve.bench.PageCodecBenchmark] compressed and decompressed,
/// [dev.vmsieve.bench.ZeroTestBenchmark] told to be zero, [dev.vmsieve.bench.ClassifyBenchmark] told what it is,
/// [dev.vmsieve.bench.DumpWriteBenchmark] placed and written. What finding it costs:
/// [dev.vmsieve.bench.PageWalkBenchmark] its address, [dev.vmsieve.bench.BitmapScanBenchmark] its bit. The whole way once
/// the pages are known: [dev.vmsieve.bench.CollectBenchmark] out of a vmcore, [dev.vmsieve.bench.RefilterBenchmark] out of
/// a dump. Start with one of the last two; `bench/jmh CollectBenchmark` runs it, with the flags of the program
/// ([dev.vmsieve.bench.ProgramFlags]).
///
/// [dev.vmsieve.bench.ClassifyScale] is `bench/scale`; `bench/compare` is the package below; `bench/start` is a script
/// alone. A test runs each benchmark once, so that none rots.
@NullMarked
package dev.vmsieve.bench;

import org.jspecify.annotations.NullMarked;
