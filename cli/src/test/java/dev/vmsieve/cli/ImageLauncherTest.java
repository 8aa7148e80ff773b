// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The runtime image's launcher, run by each shell that is /bin/sh somewhere, and both launchers with descriptors closed;
/// in java's place a script that tells what it finds.
class ImageLauncherTest {
    private static final String LIST = "ls -l /proc/self/fd > \"$TOLD\"";

    @TempDir
    private Path directory;

    /// What java told, what was on standard error, and the exit code.
    private record Run(int code, String told, String err) {}

    private Path java(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// A tree like the image's.
    private Path launcher(String script) throws IOException {
        java(directory.resolve("runtime/bin/java"), script);
        Files.createDirectories(directory.resolve("lib"));
        Files.writeString(directory.resolve("lib/vmsieve.jar"), "");
        Path launcher = Files.createDirectories(directory.resolve("bin")).resolve("vmsieve");
        return Files.copy(Path.of("image/vmsieve.sh"), launcher);
    }

    private Run run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        Path told = directory.resolve("told");
        Path err = directory.resolve("err");
        Files.deleteIfExists(told);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.startsWith("LANG"));
        builder.environment().put("TOLD", told.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.exists(told) ? Files.readString(told) : "", Files.readString(err));
    }

    private Run run(String shell, Map<String, String> environment, Path launcher)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(Arrays.asList(shell.split(" ", -1)));
        assumeThat(Path.of("/usr/bin", command.getFirst())).exists();
        command.add(launcher.toString());
        return run(environment, command.toArray(new String[0]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void setsItsOwnLocaleAloneAndSaysNothing(String shell) throws IOException, InterruptedException {
        Path launcher = launcher("env > \"$TOLD\"");
        Run run = run(shell,
                Map.of("LC_ALL", "C", "LANG", "C.UTF-8", "LC_TIME", "C.UTF-8", "LC_MESSAGES", "C", "LC_PAPER",
                        "C.UTF-8", "LC_IDENTIFICATION", "C"),
                launcher);
        assertThat(run.err()).isEmpty();
        assertThat(run.told().lines().filter(line -> line.startsWith("LC_") || line.startsWith("LANG")))
                .containsExactly("LC_CTYPE=raw");
        assertThat(run.told()).contains("LOCPATH=" + launcher.getParent() + "/../lib/locale");
        assertThat(run.code()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void startsWithoutProc(String shell) throws IOException, InterruptedException {
        Path launcher = launcher("echo started > \"$TOLD\"");
        Path strict = Files.writeString(directory.resolve("overcommit"), "2\n");
        for (String overcommit : new String[]{directory.resolve("absent").toString(), strict.toString()}) {
            Files.writeString(launcher, Files.readString(launcher).replace("/proc/meminfo", directory + "/absent")
                    .replace("/proc/sys/vm/overcommit_memory", overcommit));
            Run run = run(shell, Map.of(), launcher);
            assertThat(run.err()).isEmpty();
            assertThat(run.told()).isEqualTo("started\n");
            assertThat(run.code()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void givesStrictAccountingUpInACrashKernelAlone(String shell) throws IOException, InterruptedException {
        Path launcher = launcher("echo started > \"$TOLD\"");
        Path overcommit = directory.resolve("overcommit");
        Path vmcore = directory.resolve("vmcore");
        Path meminfo = Files.writeString(directory.resolve("meminfo"), """
                MemTotal:         120000 kB
                MemAvailable:      90000 kB
                CommitLimit:       60000 kB
                Committed_AS:      40000 kB
                """);
        Files.writeString(launcher, Files.readString(launcher).replace("/proc/meminfo", meminfo.toString())
                .replace("/proc/sys/vm/overcommit_memory", overcommit.toString())
                .replace("/proc/vmcore", vmcore.toString()));
        Files.writeString(overcommit, "2\n");
        Run elsewhere = run(shell, Map.of(), launcher);
        assertThat(elsewhere.code()).isEqualTo(1);
        assertThat(elsewhere.err()).hasLineCount(1).contains("vm.overcommit_memory is 2: CommitLimit is 60000 kB");
        assertThat(overcommit).hasContent("2");
        Files.writeString(vmcore, "");
        Run crashed = run(shell, Map.of(), launcher);
        assertThat(crashed.code()).isZero();
        assertThat(crashed.told()).isEqualTo("started\n");
        assertThat(crashed.err()).hasLineCount(1)
                .contains("only 20000 kB of the 23750 needed could be promised: it is 0 now");
        assertThat(overcommit).hasContent("0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void opensTheDescriptorsThatAreClosed(String shell) throws IOException, InterruptedException {
        Path launcher = launcher(LIST);
        assumeThat(Path.of("/usr/bin", shell.split(" ", -1)[0])).exists();
        assertOpened(run(Map.of(), "/bin/sh", "-c", shell + " \"$0\" <&- >&- 2>&-", launcher.toString()));
    }

    @Test
    void opensThemInACheckoutToo() throws IOException, InterruptedException {
        Path home = directory.resolve("jdk");
        java(home.resolve("bin/java"), LIST);
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"25\"\n");
        Files.createDirectories(directory.resolve("cli/target/lib"));
        Files.writeString(directory.resolve("cli/target/vmsieve-cli-test.jar"), "");
        Path launcher = Files.createDirectories(directory.resolve("cli/bin")).resolve("vmsieve");
        Files.copy(Path.of("bin/vmsieve"), launcher);
        assertOpened(run(Map.of("JAVA_HOME", home.toString(), "VMSIEVE_NO_BUILD", "1"), "/bin/sh", "-c",
                "sh \"$0\" -v <&- >&- 2>&-", launcher.toString()));
    }

    /// Standard output for reading: what is written there fails.
    private static void assertOpened(Run run) {
        assertThat(run.told()).containsPattern("(?m)^lr-x.* 0 -> /dev/null$")
                .containsPattern("(?m)^l-wx.* 2 -> /dev/null$");
        assertThat(run.code()).isZero();
    }

    @Test
    void failsWhatIsWrittenToAClosedStandardOutput() throws IOException, InterruptedException {
        Path launcher = launcher("file=$(readlink /proc/$$/fd/1); echo data || { echo $file > \"$TOLD\"; exit 1; }");
        Run run = run(Map.of(), "/bin/sh", "-c", "sh \"$0\" >&-", launcher.toString());
        assertThat(run.code()).isEqualTo(1);
        // What a program opens next does not become its standard output.
        assertThat(run.told()).isEqualTo("/dev/null\n");
    }
}
