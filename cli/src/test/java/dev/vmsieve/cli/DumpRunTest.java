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
import dev.vmsieve.collector.IncompleteDumpException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.fixtures.DumpComparison;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// What is on the disk between the attempts of one run, and what a signal is then answered.
class DumpRunTest extends FreshVmcore {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Interruption interruption = new Interruption();
    private final Console console = new Console("vmsieve", new PrintStream(OutputStream.nullOutputStream()),
            new PrintStream(said, true, StandardCharsets.UTF_8), CommandLine.DEFAULT_MESSAGE_LEVEL);
    private List<String> moreParts = List.of();
    private Runnable onCopying = () -> {};

    /// Does something before each filter run, and before pages are written.
    private record Before(Runnable filter, Runnable copying) implements Progress {
        @Override
        public void begin(Stage stage, long total) {
            if (stage == Stage.MEMORY_HOLES) {
                filter.run();
            } else if (stage == Stage.COPYING) {
                copying.run();
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
        args.addAll(moreParts);
        CommandLine line = CommandLine.parse(args.toArray(String[]::new), false);
        line.takeInputs(SplitInput.operands(line));
        return new DumpRun(DumpRequest.of(line), console, new Before(beforeFilter, onCopying), interruption,
                OutputStream.nullOutputStream()).run();
    }

    private String signal() {
        interruption.onShutdown(console);
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void keepsTheAttemptUntilTheNextOneHasItsPages() throws IOException {
        List<Long> sizes = new ArrayList<>();
        run(() -> sizes.add(size(dump)), "-l", "-d", "0,31", "-L", "4M");
        assertThat(sizes).hasSize(2).startsWith(-1L);
        assertThat(sizes.getLast()).isGreaterThan(1 << 20);
        assertThat(DumpComparison.withSource(vmcore, dump)).isEmpty();
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : -1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void keepsTheAttemptWhenTheNextOneFindsNoPages() throws IOException {
        Runnable onSecond = () -> {
            if (Files.exists(dump)) {
                throw new UncheckedIOException(new IOException("cannot be filtered"));
            }
        };
        assertThatThrownBy(() -> run(onSecond, "-l", "-d", "0,31", "-L", "4M"))
                .isInstanceOf(UncheckedIOException.class);
        assertIsIncomplete();
    }

    private void assertIsIncomplete() throws IOException {
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
            assertThat(reader.check()).isEmpty();
        }
        assertThat(Files.size(dump)).isGreaterThan(1 << 20);
    }

    @Test
    void keepsTheAttemptOnASignalBetweenTheAttempts() throws IOException {
        Runnable onSecond = () -> {
            if (Files.exists(dump)) {
                signal();
            }
        };
        assertThatThrownBy(() -> run(onSecond, "-l", "-d", "0,31", "-L", "4M"))
                .isInstanceOf(IncompleteDumpException.class)
                .hasMessageContaining("size limit of 4194304 bytes").hasMessageEndingWith("is marked incomplete");
        assertThat(said.toString(StandardCharsets.UTF_8))
                .startsWith("vmsieve: Interrupted by a signal; [" + dump + "] the size limit of 4194304 bytes")
                .endsWith("the dump file is marked incomplete\n");
        assertIsIncomplete();
    }

    @Test
    void triesNoOtherLevelOnceASignalHasCome() throws IOException {
        List<Long> attempts = new ArrayList<>();
        onCopying = () -> interruption.cancellation().request();
        assertThatThrownBy(() -> run(() -> attempts.add(size(dump)), "-l", "-d", "0,31", "-L", "8K"))
                .isInstanceOf(IncompleteDumpException.class).hasMessageContaining("size limit");
        assertThat(attempts).hasSize(1);
    }

    @Test
    void touchesNoFileInADryRun() throws IOException {
        Files.writeString(dump, "precious");
        DumpOutcome outcome = run(() -> {}, "--dry-run", "-f", "-l", "-d", "0,31", "-L", "4M");
        assertThat(outcome.level().bits()).isEqualTo(31);
        assertThat(dump).hasContent("precious");
    }

    @Test
    void touchesNoFileWhereTooLittleIsSaved() throws IOException {
        Files.writeString(dump, "precious");
        run(() -> {}, "--min-saving", "100", "-f", "-l", "-d", "0,31", "-L", "4M");
        assertThat(dump).hasContent("precious");
    }

    @Test
    void touchesNoPartInADryRun() throws IOException {
        Files.writeString(dump, "precious");
        Path second = folder.resolve("second");
        Files.writeString(second, "precious, too");
        moreParts = List.of(second.toString(), folder.resolve("third").toString());
        run(() -> {}, "--dry-run", "--split", "--splitblock-size=4096", "-f", "-l", "-d", "0,31", "-L", "2M");
        assertThat(dump).hasContent("precious");
        assertThat(second).hasContent("precious, too");
    }

    @Test
    void saysOfADryRunWithoutRoomThatItLeavesNoFile() throws IOException {
        Files.writeString(dump, "precious");
        assertThatThrownBy(() -> run(() -> {}, "--dry-run", "-f", "-l", "-d", "31", "-L", "8K"))
                .hasMessageEndingWith("; a dry run leaves no file");
        assertThat(dump).hasContent("precious");
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
