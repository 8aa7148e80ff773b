// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Each benchmark is set up, with its own checks, and runs once, in this machine and on little data. Times mean nothing.
class BenchmarksTest {
    @Test
    void runOnce() throws RunnerException {
        System.setProperty("jmh.ignoreLock", "true"); // nothing is measured
        Options options = new OptionsBuilder().include("^dev\\.vmsieve\\.bench\\.").forks(0).mode(Mode.SingleShotTime)
                .warmupIterations(0).measurementIterations(1).shouldFailOnError(true).verbosity(VerboseMode.SILENT)
                .param("batchPages", "64").param("codec", "LZO", "DEFLATER").param("compression", "NONE")
                .param("dryRun", "false").param("era", "V6_12").param("form", "LZO", "ELF").param("leaf", "21")
                .param("level", "31").param("levels", "4").param("pages", "2048").param("run", "64")
                .param("threads", "2").param("to", "FILE").param("where", "4095").build();
        Collection<RunResult> results = new Runner(options).run();
        assertThat(results).extracting(result -> result.getParams().getBenchmark().replace("dev.vmsieve.bench.", ""))
                .containsOnly("BitmapScanBenchmark.cardinality", "BitmapScanBenchmark.pages",
                        "BitmapScanBenchmark.runs",
                        "ClassifyBenchmark.filter", "CollectBenchmark.collect", "DumpWriteBenchmark.write",
                        "PageCodecBenchmark.compress", "PageCodecBenchmark.decompress", "PageWalkBenchmark.walk",
                        "RefilterBenchmark.refilter", "ZeroTestBenchmark.count");
    }
}
