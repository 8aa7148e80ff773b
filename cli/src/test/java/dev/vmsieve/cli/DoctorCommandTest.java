// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoctorCommandTest {
    @TempDir
    private Path root;

    @Test
    void failsForASystemThatIsNotSetUp() {
        Cli doctor = Cli.run("doctor", "--root", root.toString());
        assertThat(doctor.err()).isEmpty();
        assertThat(doctor.code()).isEqualTo(1);
        assertThat(doctor.out().lines()).allMatch(line -> line.matches("(ok    |WARN  |FAIL  |\\?     ).*")
                || line.equals("The next crash would NOT be captured: 3 checks failed."));
        assertThat(doctor.out()).endsWith("checks failed.\n");
    }

    @Test
    void printsOneJsonObject() {
        Cli doctor = Cli.run("doctor", "--json", "--root", root.toString());
        assertThat(doctor.out()).startsWith("{\"version\":\"").contains("\"captured\":\"no\"").endsWith("]}\n")
                .hasLineCount(1);
        assertThat(doctor.code()).isEqualTo(1);
    }

    @Test
    void succeedsWhereNothingFails() throws Exception {
        Files.createDirectories(root.resolve("etc/default"));
        Files.writeString(root.resolve("etc/default/kdump-tools"), "MAKEDUMP_ARGS=" + "x".repeat(1 << 18));
        Cli doctor = Cli.run("doctor", "--root", root.toString());
        assertThat(doctor.out())
                .startsWith("?     setup         /etc/default/kdump-tools: must be at most 262144 bytes")
                .endsWith("Nothing found speaks against a dump of the next crash, but 1 check could not be made.\n");
        assertThat(doctor.code()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--root", "--jason", "file"})
    void tellsItsUsage(String operand) {
        Cli.run("doctor", operand).prints(1, "", "usage: vmsieve doctor [--json] [--root DIRECTORY]\n");
    }

    @Test
    void explainsItself() {
        for (String[] line : new String[][]{{"doctor", "--help"}, {"doctor", "-h"}, {"help", "doctor"}}) {
            Cli asked = Cli.run(line);
            assertThat(asked.out()).startsWith("usage: vmsieve doctor [--json] [--root DIRECTORY]\n\nTell whether");
            assertThat(asked.err()).isEmpty();
            assertThat(asked.code()).isZero();
        }
        assertThat(Cli.run("demo", "--help").out()).startsWith("usage: vmsieve demo [DIRECTORY]\n\nMake a small");
        assertThat(Cli.run("completion", "--help").out()).startsWith("usage: vmsieve completion\n");
        assertThat(Cli.run("help", "vmcore").code()).isEqualTo(1);
    }

    @Test
    void refusesARootThatIsNotThere() {
        Cli.run("doctor", "--root", root + "/absent").prints(1, "",
                "vmsieve: [" + root + "/absent] --root must be a directory.\n");
    }
}
