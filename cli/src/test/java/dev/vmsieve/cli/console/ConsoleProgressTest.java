// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.progress.PageCounts;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.filter.progress.WorkTimes;

class ConsoleProgressTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private Console console(int level) {
        return new Console("vmsieve", new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), level);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void printsTheLineInItsColumns() {
        assertThat(ProgressLine.of(Stage.COPYING, 198, 1000, 10_000, 0)).isEqualTo(
                "\rCopying data                                      : [ 19.8 %] /          eta: 41s");
        assertThat(ProgressLine.of(Stage.MEMORY_HOLES, 0, 1000, 0, 1)).isEqualTo(
                "\rChecking for memory holes                         : [  0.0 %] |                  ");
        assertThat(ProgressLine.of(Stage.UNNECESSARY_PAGES, 1000, 1000, 7, 6)).isEqualTo(
                "\rExcluding unnecessary pages                       : [100.0 %] \\           eta: 0s");
    }

    @ParameterizedTest
    @CsvSource({"0,0s", "59,59s", "60,1m0s", "723,12m3s", "11100,3h5m", "187200,2d4h", "8640000,100d0h",
            "8726400,>100day", "9223372036854775807,>100day"})
    void saysDurationsInTwoUnits(long seconds, String text) {
        assertThat(ProgressLine.duration(seconds)).isEqualTo(text);
    }

    @Test
    void printsEachStageOnceAtItsEndHoweverOftenItAdvances() {
        try (ConsoleProgress progress = new ConsoleProgress(console(7))) {
            for (Stage stage : new Stage[]{Stage.MEMORY_HOLES, Stage.COPYING}) {
                progress.begin(stage, 100_000);
                for (int i = 0; i < 200_000; i++) {
                    progress.advance(1);
                }
                progress.end(stage);
            }
        }
        assertThat(err().split("\r", -1)).hasSizeLessThanOrEqualTo(4);
        assertThat(err().split("100\\.0 %", -1)).hasSize(3);
        assertThat(err()).doesNotContain("\n");
        assertThat(out.size()).isZero();
    }

    @Test
    void saysWarningsOnALineOfTheirOwn() {
        Console console = console(7);
        try (ConsoleProgress progress = new ConsoleProgress(console)) {
            progress.begin(Stage.COPYING, 10);
            progress.end(Stage.COPYING);
            progress.warning("3 pages are odd");
        }
        console.common("");
        assertThat(err()).endsWith("eta: 0s\nvmsieve: 3 pages are odd\n");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("\n");
    }

    @Test
    void saysHowLongAStepTookInTheReport() {
        try (ConsoleProgress progress = new ConsoleProgress(console(16))) {
            progress.begin(Stage.COPYING, 10);
            progress.end(Stage.COPYING);
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .matches("STEP \\[Copying data               \\] : 0\\.\\d{6} seconds\n");
        assertThat(err.size()).isZero();
    }

    @Test
    void neverMakesAWorkerWaitForASlowTerminal() throws InterruptedException {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        OutputStream terminal = new OutputStream() {
            @Override
            public void write(int b) {
                stuck.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        Console console = new Console("vmsieve", new PrintStream(out), new PrintStream(terminal), 1 + 16);
        ConsoleProgress progress = new ConsoleProgress(console);
        progress.begin(Stage.COPYING, 1000);
        stuck.await();
        for (int i = 0; i < 1000; i++) {
            progress.advance(1);
            progress.warning("again");
        }
        progress.end(Stage.COPYING);
        // Whoever waited for the terminal would not have come here.
        assertThat(release.getCount()).isEqualTo(1);
        release.countDown();
        progress.close();
    }

    @Test
    void printsTheReportInItsForm() {
        PageCounts counts = new PageCounts(0x500, 0x49f, 0x24f, 1, 2, 3, 4, 5, 6, 7);
        ReportPrinter.print(console(16), counts, OptionalLong.empty(), 132424,
                new WorkTimes(1_234_567_890L, 2_000_000, 61_000_000_000L, 0));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""

                Original pages  : 0x000000000000049f
                  Excluded pages   : 0x0000000000000264
                    Pages filled with zero  : 0x000000000000024f
                    Non-private cache pages : 0x0000000000000001
                    Private cache pages     : 0x0000000000000002
                    User process data pages : 0x0000000000000003
                    Free pages              : 0x0000000000000004
                    Hwpoison pages          : 0x0000000000000005
                    Offline pages           : 0x0000000000000006
                  Remaining pages  : 0x000000000000023b
                  (The number of pages is reduced to 48%.)
                Memory Hole     : 0x0000000000000061
                --------------------------------------------------
                Total pages     : 0x0000000000000500
                Write bytes     : 132424
                Threads' seconds: reading 1.234, compressing 0.002, writing 61.000, waiting 0.000

                """);
    }

    @Test
    void reportsPagesWhoseStructPagesWereLeftOutBefore() {
        PageCounts counts = new PageCounts(0x500, 0x49f, 1, 1, 2, 3, 4, 5, 6, 0, 0x100);
        ReportPrinter.print(console(16), counts, OptionalLong.empty(), 1, WorkTimes.NONE);
        String report = out.toString(StandardCharsets.UTF_8);
        assertThat(report).contains("\n  Excluded pages   : 0x0000000000000116\n");
        assertThat(report).contains("\n    Left out before, with -e: 0x0000000000000100\n");
        assertThat(report).contains("\n  Remaining pages  : 0x0000000000000389\n");
    }
}
