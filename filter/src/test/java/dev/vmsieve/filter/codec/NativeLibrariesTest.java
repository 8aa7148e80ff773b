// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import com.github.luben.zstd.util.ZstdVersion;

import dev.vmsieve.fixtures.SamplePages;

final class NativeLibrariesTest {
    @TempDir
    Path directory = Path.of("");

    @Test
    void usesTheVariantOfZstdJniThatNeedsNoForeignFunctions() {
        assertThatThrownBy(() -> Class.forName("com.github.luben.zstd.ZstdBinding"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void loadsBothLibrariesFromTheDirectoryAndUnpacksNothing() throws IOException, InterruptedException {
        assumeTrue(System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64"),
                "the libraries' files are known for Linux on amd64 only");
        Path libraries = Files.createDirectory(directory.resolve("lib"));
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        unpack("/linux/amd64/libzstd-jni-" + ZstdVersion.VERSION + ".so", libraries.resolve("libzstd-jni.so"));
        unpack("/org/xerial/snappy/native/Linux/x86_64/libsnappyjava.so", libraries.resolve("libsnappyjava.so"));
        assertThat(runRoundTrips(libraries, temporary)).isEqualTo("ok\n");
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(file -> file.toString().contains(".so"))).isEmpty();
        }
    }

    @Test
    void namesTheFileThatIsMissingFromTheDirectory() throws IOException, InterruptedException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertThat(runRoundTrips(empty, directory))
                .contains(empty.resolve(System.mapLibraryName("zstd-jni")).toString());
    }

    private static void unpack(String resource, Path file) throws IOException {
        try (InputStream in = Objects.requireNonNull(NativeLibrariesTest.class.getResourceAsStream(resource),
                resource)) {
            Files.copy(in, file);
        }
    }

    private String runRoundTrips(Path libraries, Path temporary) throws IOException, InterruptedException {
        Path output = directory.resolve("output.txt");
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED",
                "-Djdk.util.jar.enableMultiRelease=false", "-Djava.io.tmpdir=" + temporary,
                "-D" + NativeLibraries.DIRECTORY + "=" + libraries, "-cp", classPath, RoundTrips.class.getName())
                .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the process ends").isTrue();
        return Files.readString(output);
    }

    /// Runs in a process of its own, since libraries are loaded once.
    static final class RoundTrips {
        private RoundTrips() {}

        public static void main(String[] arguments) throws IOException {
            byte[] page = SamplePages.structs(4096, 1);
            for (Compression compression : new Compression[]{Compression.ZSTD, Compression.SNAPPY}) {
                try (CodecHarness codec = new CodecHarness(compression)) {
                    assertThat(codec.decompress(codec.compress(page).orElseThrow(), page.length)).isEqualTo(page);
                }
            }
            System.out.println("ok");
        }
    }
}
