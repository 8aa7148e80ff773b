// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreadLimitTest {
    @ParameterizedTest
    @CsvSource({"8,16000000,8", "64,100000,29", "64,1000,2", "3,0,2"})
    void lowersThreadsWhereMemoryIsShort(int wanted, long availableKib, int threads) {
        String meminfo = "MemTotal:       24683836 kB\nMemFree:         100 kB\nMemAvailable:   " + availableKib
                + " kB\nBuffers:           1 kB\n";
        assertThat(ThreadLimit.of(wanted, meminfo)).isEqualTo(threads);
        assertThat(ThreadLimit.of(wanted, "nothing known")).isEqualTo(wanted);
    }
}
