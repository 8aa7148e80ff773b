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
    void measuresTheProgramAndNotItself() throws IOException {
        Usage idle = shell("exit 0");
        Usage busy = shell("i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done");
        assertThat(busy.userSeconds()).isGreaterThan(idle.userSeconds()).isLessThanOrEqualTo(busy.wallSeconds() + 0.1);
        // A Java machine is ten times that; a child of it would start with its peak.
        assertThat(idle.peakKib()).isBetween(100L, 20_000L);
    }

    @Test
    void passesArgumentsUnharmed() throws IOException {
        ChildProcess.run(List.of("/bin/echo", "a b", "$HOME", "*"), folder.resolve("out"), folder.resolve("err"));
        assertThat(folder.resolve("out")).hasContent("a b $HOME *\n");
    }

    @Test
    void readsThroughAPipeToItsEnd() throws IOException {
        Path file = folder.resolve("file");
        for (int run = 0; run < 2; run++) {
            Usage usage = ChildProcess.runIntoPipe(List.of("/bin/sh", "-c", "head -c 300000 /dev/zero; exit 3"),
                    folder.resolve("fifo"), file, folder.resolve("err"));
            assertThat(usage.exitCode()).isEqualTo(3);
            assertThat(Files.size(file)).isEqualTo(300_000);
        }
    }

    private Usage shell(String script) throws IOException {
        return ChildProcess.run(List.of("/bin/sh", "-c", script), folder.resolve("out"), folder.resolve("err"));
    }
}
