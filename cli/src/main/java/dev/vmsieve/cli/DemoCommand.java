// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.vmsieve.cli.console.BarProgress;
import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.console.Text;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.PageCounts;
import dev.vmsieve.fixtures.DumpComparison;
import dev.vmsieve.fixtures.ExpectedPages;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Shows the whole way on an embedded example: makes a vmcore with every kind of page, filters it with a live progress
/// bar, tells the pages by kind, and reads the dump back page by page with a reader that shares no code with the writer.
final class DemoCommand {
    private static final long MEGABYTES = 384;
    private static final long SEED = 31;
    private static final int LEVEL = 31;

    private final Invocation invocation;
    private final Console console;
    private final Interruption interruption;
    private final PrintStream err;

    DemoCommand(Invocation invocation, Console console, Interruption interruption, PrintStream err) {
        this.invocation = invocation;
        this.console = console;
        this.interruption = interruption;
        this.err = err;
    }

    /// Runs the demo.
    ///
    /// @param operands at most one: the directory for its files
    /// @return the exit code
    int run(String[] operands) throws IOException {
        if (operands.length > 1 || (operands.length == 1 && operands[0].startsWith("-"))) {
            console.always("usage: " + console.program() + " demo [DIRECTORY]");
            return ExitCode.FAILED;
        }
        Path directory = operands.length == 1
                ? directory(Path.of(operands[0]))
                : Files.createTempDirectory("vmsieve-demo-");
        Path vmcore = directory.resolve("vmcore");
        Path dump = directory.resolve("dump");
        refuseExisting(vmcore);
        refuseExisting(dump);
        SyntheticKernel kernel = make(vmcore);
        DumpOutcome outcome = filter(vmcore, dump);
        tellKinds(outcome.counts());
        boolean sound = readBack(kernel, vmcore, dump, outcome);
        nameFiles(vmcore, dump);
        return sound ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static Path directory(Path path) throws IOException {
        if (!Files.exists(path)) {
            return Files.createDirectory(path);
        }
        if (!Files.isDirectory(path)) {
            throw new FileSystemException(path.toString(), null, "Is not a directory");
        }
        return path;
    }

    private static void refuseExisting(Path file) throws IOException {
        if (Files.exists(file)) {
            throw new FileSystemException(file.toString(), null, "File exists; the demo overwrites nothing");
        }
    }

    private SyntheticKernel make(Path vmcore) throws IOException {
        say("");
        say("  1. A crashed x86_64 kernel, made by code: " + MEGABYTES + " MiB of memory with every kind of page");
        long start = System.nanoTime();
        SyntheticKernel kernel = SyntheticKernel.demo(MEGABYTES, SEED);
        kernel.write(vmcore);
        say("     " + vmcore + ", " + Text.bytes(Files.size(vmcore)) + ", made in " + tookSince(start));
        say("");
        return kernel;
    }

    private DumpOutcome filter(Path vmcore, Path dump) throws IOException {
        int threads = Math.min(Runtime.getRuntime().availableProcessors(), DumpRequest.MAX_THREADS);
        say("  2. " + console.program() + " -l -d " + LEVEL + " " + vmcore + " " + dump);
        DumpRequest request = new DumpRequest(DumpInput.of(vmcore), DumpOutput.of(dump, Compression.LZO),
                List.of(LEVEL), threads);
        boolean colour = !invocation.environment().containsKey("NO_COLOR");
        try (BarProgress progress = new BarProgress(err, invocation.terminal(), colour)) {
            return new DumpRun(request, console, progress, interruption, OutputStream.nullOutputStream()).run();
        }
    }

    private void tellKinds(PageCounts counts) {
        say("");
        say("     kind of page                       pages    share");
        tellKind("filled with zeroes", counts.zero(), counts, "one shared block (-d 1)");
        tellKind("page cache", counts.nonPrivateCache(), counts, "left out (-d 2)");
        tellKind("page cache with private data", counts.privateCache(), counts, "left out (-d 4)");
        tellKind("user data", counts.user(), counts, "left out (-d 8)");
        tellKind("free", counts.free(), counts, "left out (-d 16)");
        tellKind("memory errors", counts.hwpoison(), counts, "left out always");
        tellKind("offline", counts.offline(), counts, "left out always");
        tellKind("the kernel's own", counts.remaining(), counts, "kept");
        tellKind("all", counts.existing(), counts, "");
        say("");
    }

    private void tellKind(String kind, long pages, PageCounts counts, String fate) {
        say(("     " + Text.left(kind, 30) + Text.right(Text.grouped(pages), 10)
                + Text.right(Text.percent(pages, counts.existing()), 7) + " %  " + fate).stripTrailing());
    }

    private boolean readBack(SyntheticKernel kernel, Path vmcore, Path dump, DumpOutcome outcome) throws IOException {
        say("  3. Reading the dump back with a plain reader of its own, page by page against the source");
        long start = System.nanoTime();
        long different = 0;
        for (DumpComparison.Difference difference : DumpComparison.withSource(vmcore, dump)) {
            console.error(difference.toString());
            different += difference.pages();
        }
        long misjudged = 0;
        long dumped;
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            for (String problem : reader.check()) {
                console.error("format: " + problem);
                different++;
            }
            dumped = reader.dumpedPages();
            ExpectedPages expected = kernel.expected(LEVEL);
            for (long pfn = 0; pfn < Math.max(expected.maxMapnr(), reader.maxMapnr()); pfn++) {
                misjudged += reader.dumped(pfn) == expected.dumpable().get((int) pfn) ? 0 : 1;
            }
        }
        say("     " + Text.grouped(dumped) + " pages in the dump, " + (different == 0
                ? "all equal"
                : different
                        + " DIFFERENT")
                + "; " + Text.grouped(outcome.counts().existing() - dumped) + " left out, "
                + (misjudged == 0 ? "each as it was made" : misjudged + " pages MISJUDGED") + " (" + tookSince(start)
                + ")");
        say("");
        return different == 0 && misjudged == 0;
    }

    private void nameFiles(Path vmcore, Path dump) throws IOException {
        long before = Files.size(vmcore);
        long after = Files.size(dump);
        say("  These files are left:");
        say("     " + vmcore + "  " + Text.bytes(before));
        say("     " + dump + "  " + Text.bytes(after) + ", " + Text.percent(after, before) + " % of it");
        say("");
    }

    private static String tookSince(long start) {
        return BarProgress.seconds((System.nanoTime() - start) / 1_000_000);
    }

    private void say(String line) {
        console.common(line);
    }
}
