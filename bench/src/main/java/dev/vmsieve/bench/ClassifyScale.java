// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import dev.vmsieve.bench.compare.Samples;
import dev.vmsieve.filter.FilterPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.PageFilter;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.HugeKernel;
import dev.vmsieve.fixtures.KernelEra;

/// How does classification scale? GiB of RAM whose pages are told a second, in all and for each thread. Thread counts take
/// turns; the median counts. All must come to the same pages.
///
/// It is an upper bound: the struct pages of all sections of the synthetic machine are the same 2 MiB of its file, which
/// stay in the CPU's caches, in long runs of one kind. A real machine's come out of memory. And it is one JVM, warm.
public final class ClassifyScale {
    private static final int LEVEL = 31;
    private static final long LEAST_GIB = 2;
    private static final long MOST_GIB = 64 << 10;

    private ClassifyScale() {}

    /// Prints a table in Markdown.
    ///
    /// @param args GiB of RAM (1024), rounds (3), numbers of threads (1,2)
    public static void main(String[] args) throws IOException {
        long gib = args.length > 0 ? Long.parseLong(args[0]) : 1024;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
        String[] threads = (args.length > 2 ? args[2] : "1,2").split(",", -1);
        List<String> words = List.of(threads);
        if (gib < LEAST_GIB || gib > MOST_GIB || rounds < 1 || args.length > 3 || words.contains("")
                || words.contains("0")) {
            System.err.println("usage: bench/scale [GIB [ROUNDS [THREADS,...]]], from " + LEAST_GIB + " to " + MOST_GIB
                    + " GiB");
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("classify-scale");
        try {
            Path file = new HugeKernel(KernelEra.V6_12, gib << 30).write(folder.resolve("vmcore"));
            measure(file, gib, rounds, threads);
        } finally {
            BenchDumps.remove(folder);
        }
    }

    private static void measure(Path file, long gib, int rounds, String[] threads) throws IOException {
        List<List<Double>> seconds = new ArrayList<>();
        for (int i = 0; i < threads.length; i++) {
            seconds.add(new ArrayList<>());
        }
        long kept = run(file, 1);
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < threads.length; i++) {
                long start = System.nanoTime();
                long pages = run(file, Integer.parseInt(threads[i]));
                seconds.get(i).add((System.nanoTime() - start) / 1e9);
                if (pages != kept) {
                    throw new IllegalStateException(threads[i] + " threads keep " + pages + " pages, not " + kept);
                }
            }
        }
        System.out.printf(Locale.ROOT,
                "%d GiB of RAM (all struct pages are the same 2 MiB: an upper bound) at level %d,"
                        + " %d pages kept, %d CPUs, %d rounds, Java %s, commit %s%n%n",
                gib, LEVEL, kept,
                Runtime.getRuntime().availableProcessors(), rounds, Runtime.version(),
                System.getProperty("vmsieve.bench.commit", "unknown"));
        System.out.println("| threads | seconds (least to most) | GiB/s | GiB/s a thread |");
        System.out.println("|---|---|---|---|");
        for (int i = 0; i < threads.length; i++) {
            Samples samples = new Samples(seconds.get(i));
            double median = samples.median();
            System.out.printf(Locale.ROOT, "| %s | %.2f (%.2f to %.2f) | %.1f | %.1f |%n", threads[i], median,
                    samples.least(), samples.greatest(), gib / median,
                    gib / median / Integer.parseInt(threads[i]));
        }
    }

    private static long run(Path file, int threads) throws IOException {
        try (Vmcore vmcore = VmcoreOpener.open(file, new OpenOptions(false), Progress.NONE)) {
            Kernel kernel = Kernel.open(vmcore, Optional.empty(), Progress.NONE);
            FilterResult result = PageFilter.filter(vmcore, Optional.of(kernel),
                    FilterPlan.of(DumpLevel.of(LEVEL), threads), Progress.NONE);
            return result.bitmaps().dumpable().cardinality();
        }
    }
}
