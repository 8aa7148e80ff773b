// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// TAB, pressed in a real bash: what the line has become is told by a stand-in for the program, a word in brackets each.
class CompletionTest {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    private Path directory;

    @BeforeEach
    void makeFiles() throws IOException {
        Files.createFile(directory.resolve("vmcore.new"));
        Files.createFile(directory.resolve("vmlinux one"));
        Files.createFile(directory.resolve("31file"));
        Files.createFile(directory.resolve("plain"));
        Files.createFile(directory.resolve("demonstration"));
        Files.createDirectory(directory.resolve("parts"));
        Files.writeString(directory.resolve("rc"), Cli.run("completion").out() + """
                vmsieve() { printf '<%s>' "$@"; echo; }
                makedumpfile() { vmsieve "$@"; }
                complete -o default -F _vmsieve makedumpfile
                """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"-l -d 31 vmcore.n | <-l><-d><31><vmcore.new>", "vmcore.n | <vmcore.new>",
            "-x vmli | <-x><vmlinux one>", "-i vmcore. | <-i><vmcore.new>", "-g vmcore. | <-g><vmcore.new>",
            "--split vmcore.new vmcor | <--split><vmcore.new><vmcore.new>", "--work-dir p | <--work-dir><parts/>",
            "--work-dir=p | <--work-dir=parts/>", "--num-th | <--num-threads>", "-l --show-s | <-l><--show-stats>"})
    void completesFilesDirectoriesAndOptions(String typed, String becomes) throws IOException {
        assertThat(press("vmsieve", typed)).isEqualTo(becomes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"doct | <doctor>", "comp | <completion>", "doctor --j | <doctor><--json>",
            "doctor --root p | <doctor><--root><parts/>", "demo par | <demo><parts/>", "demons | <demonstration>",
            "-l doct | <-l><doct>"})
    void completesCommandsAsTheFirstWord(String typed, String becomes) throws IOException {
        assertThat(press("vmsieve", typed)).isEqualTo(becomes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"-d 31f | <-d><31f>", "--num-threads 31f | <--num-threads><31f>",
            "-L 31f | <-L><31f>", "--epp | <--epp>"})
    void offersNothingWhereNothingFits(String typed, String becomes) throws IOException {
        assertThat(press("vmsieve", typed)).isEqualTo(becomes);
    }

    @Test
    void knowsNoCommandsUnderTheNameMakedumpfile() throws IOException {
        assertThat(press("makedumpfile", "doct")).isEqualTo("<doct>");
        assertThat(press("makedumpfile", "vmcore.n")).isEqualTo("<vmcore.new>");
    }

    private String press(String program, String typed) throws IOException {
        Path input = Files.writeString(directory.resolve("typed"), program + " " + typed + "\t\n");
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(List.of("bash", "--noprofile", "--rcfile", "rc", "-i"))
                .directory(directory.toFile()).redirectInput(input.toFile()).redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("INPUTRC", "/dev/null");
        builder.environment().put("HISTFILE", "");
        Process bash = builder.start();
        try {
            assertThat(bash.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(typed).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return Files.readString(output).strip();
    }
}
