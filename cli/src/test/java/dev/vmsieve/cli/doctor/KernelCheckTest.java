// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.fixtures.SyntheticKernel;

/// What the running kernel tells of itself.
class KernelCheckTest extends ExaminedRoot {
    @ParameterizedTest
    @ValueSource(strings = {"OSRELEASE", "PAGESIZE", "SYMBOL(init_uts_ns)", "SIZE(page)", "OFFSET(page.flags)"})
    void namesTheKeyThatTheKernelLacks(String key) throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        String whole = SyntheticKernel.demo(64, 1).vmcoreinfo();
        fake.kcore(whole.replace(key + "=", "X="));
        assertThat(finding("kernel").status()).isEqualTo(Status.FAIL);
        assertThat(finding("kernel").found()).contains("does not tell ", key);
    }

    @Test
    void saysWhereTheKernelsTextIsNotToBeHad() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.remove("/proc/kcore");
        assertFinding("kernel", Status.UNKNOWN, "There is no /proc/kcore");
        fake.file("/proc/kcore", "garbage, garbage, garbage, garbage, garbage, garbage, garbage, garbage, garbage");
        assertThat(finding("kernel").status()).isEqualTo(Status.UNKNOWN);
    }
}
