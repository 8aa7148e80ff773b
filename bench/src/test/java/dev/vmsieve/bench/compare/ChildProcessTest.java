// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
    @TempDir
    private Path folder;

    @Test
    void separatesTheStreams() throws IOException {
        Usage usage = shell("echo one; echo two >&2");
        assertThat(usage.exitCode()).isZero();
        assertThat(folder.resolve("out")).hasContent("one\n");
        assertThat(folder.resolve("err")).hasContent("two\n");
    }

    @Test
    void tellsTheExitCodeAndTheSignal() throws IOException {
        assertThat(shell("exit 7").exitCode()).isEqualTo(7);
        assertThat(shell("kill -KILL $$").exitCode()).isEqualTo(137);
    }

    @Test
    void measuresThePeakOfTheProgramAndNotItsOwn() throws IOException {
        Usage idle = shell("exit 0");
        // A Java machine is ten times that; a child of it would start with its peak.
        assertThat(idle.peakKib()).isBetween(100L, 20_000L);
    }

    @Test
    void passesArgumentsUnharmed() throws IOException {
        ChildProcess.run(List.of(), List.of("/bin/echo", "a b", "$HOME", "*"), folder.resolve("out"),
                folder.resolve("err"));
        assertThat(folder.resolve("out")).hasContent("a b $HOME *\n");
    }

    @Test
    void readsThroughAPipeToItsEnd() throws IOException {
        Path file = folder.resolve("file");
        for (int run = 0; run < 2; run++) {
            Usage usage = ChildProcess.runIntoPipe(List.of(),
                    List.of("/bin/sh", "-c", "head -c 300000 /dev/zero; exit 3"),
                    folder.resolve("fifo"), file, folder.resolve("err"));
            assertThat(usage.exitCode()).isEqualTo(3);
            assertThat(Files.size(file)).isEqualTo(300_000);
        }
    }

    @Test
    void tellsThatTheReaderOfThePipeFailed() throws IOException {
        Usage usage = ChildProcess.runIntoPipe(List.of(), List.of("/bin/echo", "page"), folder.resolve("fifo"),
                Path.of("/dev/full"), folder.resolve("err"));
        assertThat(usage.exitCode()).isEqualTo(1);
        assertThat(folder.resolve("err")).content().contains("No space left on device");
    }

    @Test
    void endsWhereNothingCanBeWritten() throws IOException {
        Path nowhere = folder.resolve("missing/file");
        assertThat(ChildProcess.run(List.of(), List.of("/bin/echo"), nowhere, folder.resolve("err")).exitCode())
                .isEqualTo(2);
        assertThat(folder.resolve("err")).content().contains("missing/file");
        assertThat(ChildProcess.runIntoPipe(List.of(), List.of("/bin/echo"), folder.resolve("fifo"), nowhere,
                folder.resolve("err")).exitCode()).isNotZero();
    }

    @Test
    void startsTheProgramByWhatComesBefore() throws IOException {
        ChildProcess.run(List.of("env", "WORD=bound"), List.of("/bin/sh", "-c", "echo $WORD"), folder.resolve("out"),
                folder.resolve("err"));
        assertThat(folder.resolve("out")).hasContent("bound\n");
    }

    private Usage shell(String script) throws IOException {
        return ChildProcess.run(List.of(), List.of("/bin/sh", "-c", script), folder.resolve("out"),
                folder.resolve("err"));
    }
}
