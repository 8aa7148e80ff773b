// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.DumpComparison;
import dev.vmsieve.fixtures.SyntheticKernel;

/// `--zstd-level`: the pages stay the same, their stored forms get smaller.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ZstdLevelTest {
    private static final long SEED = 19;

    @TempDir
    static Path directory;
    private Path vmcore = Path.of("");

    @BeforeAll
    void makeVmcore() throws IOException {
        vmcore = SyntheticKernel.demo(64, SEED).write(directory.resolve("vmcore"));
    }

    private static Path dump(Path input, String... options) throws IOException {
        Path dump = Files.createTempDirectory(directory, "run").resolve("dump");
        List<String> line = new ArrayList<>(List.of(options));
        line.addAll(List.of(input.toString(), dump.toString()));
        Cli run = Cli.run(line.toArray(String[]::new));
        assertThat(run.code()).as(run.err()).isZero();
        return dump;
    }

    @ParameterizedTest
    @ValueSource(strings = {"-7", "-1", "3", "9", "19"})
    void keepsEveryPageAndTheBytesWhateverTheNumberOfThreads(String level) throws IOException {
        Path one = dump(vmcore, "-z", "-d", "1", "--zstd-level", level, "--num-threads", "1");
        Path three = dump(vmcore, "-z", "-d", "1", "--zstd-level=" + level, "--num-threads", "3");
        assertThat(three).hasSameBinaryContentAs(one);
        assertThat(DumpComparison.withSource(vmcore, one)).isEmpty();
    }

    @Test
    void isOneByDefaultAndMakesSmallerDumpsTheHigher() throws IOException {
        Path usual = dump(vmcore, "-z", "-d", "1");
        assertThat(usual).hasSameBinaryContentAs(dump(vmcore, "-z", "-d", "1", "--zstd-level=1"));
        assertThat(Files.size(dump(vmcore, "-z", "-d", "1", "--zstd-level=-7"))).isGreaterThan(Files.size(usual));
        assertThat(Files.size(dump(vmcore, "-z", "-d", "1", "--zstd-level=19"))).isLessThan(Files.size(usual));
    }

    @Test
    void compressesPagesAnewWhereALevelIsAskedFor() throws IOException {
        Path fast = dump(vmcore, "-z", "-d", "1", "--zstd-level=-7");
        Path small = dump(vmcore, "-z", "-d", "1", "--zstd-level=19");
        Path lzo = dump(vmcore, "-l", "-d", "1");
        assertThat(dump(fast, "-z", "-d", "1")).hasSameBinaryContentAs(fast);
        for (String threads : new String[]{"1", "3"}) {
            String[] options = {"-z", "-d", "1", "--zstd-level=19", "--num-threads", threads};
            assertThat(dump(fast, options)).hasSameBinaryContentAs(small);
            assertThat(dump(lzo, options)).hasSameBinaryContentAs(small);
        }
    }

    @Test
    void tellsTheSizeInAdvance() throws IOException {
        Path small = dump(vmcore, "-z", "-d", "31", "--zstd-level=19");
        Path dump = directory.resolve("unwritten");
        Cli run = Cli.run("-z", "-d", "31", "--zstd-level=19", "--dry-run", vmcore.toString(), dump.toString());
        assertThat(run.out()).contains(" " + Files.size(small) + " bytes");
        assertThat(dump).doesNotExist();
        Cli usage = Cli.run("--mem-usage", "-z", "--zstd-level=19", vmcore.toString());
        assertThat(usage.out()).contains(Long.toString(Files.size(small)));
    }
}
