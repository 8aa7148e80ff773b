// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import org.junit.jupiter.api.io.TempDir;

/// A system laid out as files below a directory of its own, and what doctor finds there.
abstract class ExaminedRoot {
    static final long MIB = 1 << 20;
    private static final MemoryProbe PROBE = (compression, level, threads) -> new MemoryProbe.Peak(
            (38 + 2L * threads) * MIB, 20 * MIB);

    @TempDir
    Path root;

    DoctorReport examine() {
        return Doctor.examine(root, FakeRoot.VERSION, PROBE);
    }

    Finding finding(String check) {
        return examine().results().stream().filter(result -> result.check().equals(check)).findFirst().orElseThrow()
                .finding();
    }

    void assertFinding(String check, Status status, String found) {
        Finding finding = finding(check);
        assertThat(finding.found()).startsWith(found);
        assertThat(finding.status()).isEqualTo(status);
    }
}
