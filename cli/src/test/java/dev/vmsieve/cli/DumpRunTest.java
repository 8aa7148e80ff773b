// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;

/// What is on the disk between the attempts of one run, and what a signal is then answered.
class DumpRunTest extends FreshVmcore {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Interruption interruption = new Interruption();
    private Console console = new Console("vmsieve", new PrintStream(OutputStream.nullOutputStream()),
            new PrintStream(said, true, StandardCharsets.UTF_8), CommandLine.DEFAULT_MESSAGE_LEVEL);

    /// Does something before each filter run.
    private static final class BeforeFilter implements Progress {
        private final Runnable action;

        BeforeFilter(Runnable action) {
            this.action = action;
        }

        @Override
        public void begin(Stage stage, long total) {
            if (stage == Stage.MEMORY_HOLES) {
                action.run();
            }
        }

        @Override
        public void advance(long amount) {}

        @Override
        public void end(Stage stage) {}

        @Override
        public void warning(String message) {}
    }

    private DumpOutcome run(Runnable beforeFilter, String... options) throws IOException {
        List<String> args = new ArrayList<>(List.of(options));
        args.addAll(List.of(vmcore.toString(), dump.toString()));
        CommandLine line = CommandLine.parse(args.toArray(String[]::new), false);
        line.takeInputs(SplitInput.operands(line));
        return new DumpRun(DumpRequest.of(line), console, new BeforeFilter(beforeFilter), interruption,
                OutputStream.nullOutputStream()).run();
    }

    private String signal() {
        interruption.onShutdown(console);
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void givesTheDiskBackBeforeTheNextAttempt() throws IOException {
        List<Long> sizes = new ArrayList<>();
        run(() -> sizes.add(size(dump)), "-l", "-d", "0,31", "-L", "4M");
        assertThat(sizes).containsExactly(-1L, 0L);
        assertThat(dump).isNotEmptyFile();
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : -1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void saysBetweenTheAttemptsThatTheFileIsEmpty() {
        Runnable onSecond = () -> {
            if (Files.exists(dump)) {
                signal();
            }
        };
        assertThatThrownBy(() -> run(onSecond, "-l", "-d", "0,31", "-L", "4M"))
                .isInstanceOf(IOException.class).hasMessageContaining("interrupted by a signal");
        assertThat(said.toString(StandardCharsets.UTF_8)).isEqualTo("vmsieve: Interrupted by a signal; [" + dump
                + "] is empty: the attempt before had no room for its pages.\n");
        assertThat(dump).isEmptyFile();
    }

    @Test
    void saysAfterTheLastWriteThatTheDumpIsComplete() throws IOException {
        run(() -> {}, "-l", "-d", "31");
        assertThat(signal()).isEqualTo("vmsieve: Interrupted by a signal; [" + dump + "] is complete.\n");
    }

    @Test
    void saysAfterADryRunThatNothingWasWritten() throws IOException {
        run(() -> {}, "-l", "-d", "31", "--dry-run");
        assertThat(signal()).isEqualTo("vmsieve: Interrupted by a signal before anything was written.\n");
    }
}
