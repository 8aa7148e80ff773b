// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.fixtures.DumpComparison;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// A serial console takes its time; the dump does not wait for it.
@Timeout(120)
class SlowConsoleTest extends FreshVmcore {
    private static final int STATUS_OFFSET = 424;
    private static final long POLL_MILLIS = 20;

    /// A terminal, standard output and error alike, that does something before it takes a byte.
    private static final class Terminal extends OutputStream {
        final ByteArrayOutputStream shown = new ByteArrayOutputStream();
        private final Before before;

        Terminal(Before before) {
            this.before = before;
        }

        interface Before {
            void take() throws InterruptedException;
        }

        @Override
        public void write(int b) {
            try {
                before.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            shown.write(b);
        }

        String text() {
            return shown.toString(StandardCharsets.UTF_8);
        }
    }

    private FutureTask<Integer> start(Terminal terminal) {
        PrintStream console = new PrintStream(terminal, false, StandardCharsets.UTF_8);
        FutureTask<Integer> run = new FutureTask<>(() -> Main.run(
                new String[]{"-l", "-d", "31", "--message-level", "23", "--num-threads", "2", vmcore.toString(),
                        dump.toString()},
                InputStream.nullInputStream(), console, console, new Invocation("vmsieve", Map.of(), false)));
        new Thread(run, "run").start();
        return run;
    }

    @Test
    void makesTheWholeDumpWhileTheConsoleTakesNothing() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Terminal terminal = new Terminal(release::await);
        FutureTask<Integer> run = start(terminal);
        while (!isComplete(dump)) {
            Thread.sleep(POLL_MILLIS);
        }
        assertThat(DumpComparison.withSource(vmcore, dump)).isEmpty();
        assertThat(terminal.text()).isEmpty();
        release.countDown();
        assertThat(run.get()).isZero();
        assertThat(terminal.text()).contains("Copying data", "STEP [", "Completed.");
    }

    @Test
    void saysEverythingToAConsoleOfAThousandBytesASecond() throws Exception {
        Terminal terminal = new Terminal(() -> Thread.sleep(1));
        assertThat(start(terminal).get()).isZero();
        assertThat(DumpComparison.withSource(vmcore, dump)).isEmpty();
        assertThat(terminal.text().split("STEP \\[", -1)).hasSize(4);
        assertThat(terminal.text()).contains("100.0 %", "The dumpfile is saved to " + dump + ".", "Completed.");
    }

    @Test
    void saysLastWordsToAConsoleThatTakesNothing() {
        CountDownLatch release = new CountDownLatch(1);
        Terminal terminal = new Terminal(release::await);
        PrintStream stream = new PrintStream(terminal, false, StandardCharsets.UTF_8);
        Console console = new Console("vmsieve", stream, stream, CommandLine.DEFAULT_MESSAGE_LEVEL);
        Main.say(console, new Invocation("vmsieve", Map.of(), false), new OutOfMemoryError("Java heap space"));
        assertThat(terminal.text()).isEmpty();
        release.countDown();
    }

    private static boolean isComplete(Path file) {
        if (!Files.exists(file)) {
            return false;
        }
        ByteBuffer head = ByteBuffer.allocate(STATUS_OFFSET + 1);
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.read(head, 0) == head.capacity() && head.get(0) == 'K'
                    && (head.get(STATUS_OFFSET) & PlainKdumpReader.INCOMPLETE) == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
