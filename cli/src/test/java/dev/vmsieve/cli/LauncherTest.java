// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.fixtures.SyntheticKernel;

/// The shell script `bin/vmsieve`, in a built checkout whose directory has an awkward name.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LauncherTest {
    private static final List<String> NEEDED = List.of("vmsieve-", "zstd-jni", "snappy-java", "picocli");

    @TempDir
    static Path directory;
    private Path launcher = Path.of("");

    /// What a launched run printed, and its exit code.
    private record Run(int code, String out, String err) {}

    @BeforeAll
    void buildACheckout() throws IOException {
        Path cli = directory.resolve("a check'out \u00e4$x").resolve("cli");
        Path lib = Files.createDirectories(cli.resolve("target/lib"));
        launcher = Files.createDirectories(cli.resolve("bin")).resolve("vmsieve");
        Files.copy(Path.of("bin/vmsieve").toAbsolutePath(), launcher, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
        PrintWriter quiet = new PrintWriter(Writer.nullWriter());
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            boolean main = path.endsWith("cli/target/classes");
            Path target = main ? cli.resolve("target/vmsieve-cli-test.jar") : lib.resolve(number++ + ".jar");
            if (Files.isDirectory(path)) {
                assertThat(jar.run(quiet, quiet, "--create",
                        "--file", target.toString(), "-C", entry, ".")).isZero();
            } else if (NEEDED.stream().anyMatch(entry::contains)) {
                Files.copy(path, target);
            }
        }
    }

    private Run run(Path program, Map<String, String> environment, String... args)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(args));
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void answersToTheNameOfALinkFromAnyDirectory() throws IOException, InterruptedException {
        Path bin = Files.createDirectories(directory.resolve("links"));
        Path first = Files.createSymbolicLink(bin.resolve("first"), launcher);
        Path link = Files.createSymbolicLink(bin.resolve("makedumpfile"), first.getFileName());
        Run version = run(link, Map.of(), "-v");
        assertThat(version.err()).isEmpty();
        assertThat(version.out()).startsWith("makedumpfile: version ");
        assertThat(version.code()).isZero();
        assertThat(run(launcher, Map.of(), "-v").out()).startsWith("vmsieve: version ");
    }

    @Test
    void passesOnExitCodesAndSaysNothingOfItsOwn() throws IOException, InterruptedException {
        Run run = run(launcher, new TreeMap<>(Map.of("JAVA_TOOL_OPTIONS", "-Dx=y", "JDK_JAVA_OPTIONS", "-Dx=y",
                "_JAVA_OPTIONS", "-Dx=y", "CLASSPATH", "/nonexistent")), "-d", "abc", "a", "b");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("Dump_level(abc) is invalid.\n\nvmsieve Failed.\n");
        assertThat(run.code()).isEqualTo(1);
    }

    @Test
    void takesFilesOfAnyName() throws IOException, InterruptedException {
        String name = "-a b'\"$HOME\n*\u00e4\u20ac\\";
        SyntheticKernel.demo(64, 1).write(directory.resolve(name));
        Run run = run(launcher, Map.of("LC_ALL", "C"), "-l", "-d", "31", "--message-level", "0", "--", name,
                name + "2");
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(directory.resolve(name + "2")).isNotEmptyFile();
    }

    @Test
    void saysWhatIsMissingWhenItMayNotBuild() throws IOException, InterruptedException {
        Path other = Files.createDirectories(directory.resolve("empty/cli/bin")).resolve("vmsieve");
        Files.copy(launcher, other, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        Run run = run(other, Map.of("VMSIEVE_NO_BUILD", "1"), "-v");
        assertThat(run.err()).startsWith("vmsieve: not built: ").hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.code()).isEqualTo(1);
    }

    @Test
    void saysWhatIsOlderThanItsSourcesWhenItMayNotBuild() throws IOException, InterruptedException {
        Path sources = Files.createDirectories(launcher.resolveSibling("../src/main").normalize());
        Path source = sources.resolve("New.java");
        Files.writeString(source, "");
        Files.setLastModifiedTime(source, FileTime.fromMillis(System.currentTimeMillis() + 100_000));
        try {
            Run run = run(launcher, Map.of("VMSIEVE_NO_BUILD", "1"), "-v");
            assertThat(run.err()).startsWith("vmsieve: not built: the program in ")
                    .endsWith(" is older than its sources, and VMSIEVE_NO_BUILD forbids to build it\n").hasLineCount(1);
            assertThat(run.code()).isEqualTo(1);
        } finally {
            Files.delete(source);
            Files.delete(sources);
            Files.delete(launcher.resolveSibling("../src").normalize());
        }
    }

    @Test
    void makesACacheAnewThatIsOlderThanItsClasses() throws IOException, InterruptedException {
        Path cache = launcher.resolveSibling("../target/vmsieve.aot").normalize();
        Files.writeString(cache, "of a build before");
        Files.setLastModifiedTime(cache, FileTime.fromMillis(0));
        assertThat(run(launcher, Map.of("VMSIEVE_NO_BUILD", "1"), "-v").code()).isZero();
        assertThat(cache).as("nothing is built where that is forbidden").hasContent("of a build before");
        Run remade = run(launcher, Map.of(), "-v");
        assertThat(remade.code()).isZero();
        assertThat(Files.size(cache)).isGreaterThan(1 << 20);
        Files.delete(cache);
    }
}
