// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreadLimitTest {
    @ParameterizedTest
    @CsvSource({"8,16000000,8", "64,100000,29", "64,1000,2", "3,0,2"})
    void lowersThreadsWhereMemoryIsShort(int wanted, long availableKib, int threads) {
        String meminfo = "MemTotal:       24683836 kB\nMemFree:         100 kB\nMemAvailable:   " + availableKib
                + " kB\nBuffers:           1 kB\n";
        assertThat(ThreadLimit.of(wanted, meminfo, "0\n")).isEqualTo(threads);
        assertThat(ThreadLimit.of(wanted, "nothing known", "2\n")).isEqualTo(wanted);
    }

    @ParameterizedTest
    @CsvSource({"0,28", "1,28", "2,8"})
    void lowersThreadsWhereNoMoreMayBePromised(String overcommit, int threads) {
        String meminfo = """
                MemAvailable:     97280 kB
                CommitLimit:     103900 kB
                Committed_AS:     75000 kB
                """;
        assertThat(ThreadLimit.of(64, meminfo, overcommit + "\n")).isEqualTo(threads);
    }

    @Test
    void leavesTwoThreadsWhereMoreIsPromisedThanThereIs() {
        String meminfo = "MemAvailable: 97280 kB\nCommitLimit: 1000 kB\nCommitted_AS: 90000 kB\n";
        assertThat(ThreadLimit.of(64, meminfo, "2\n")).isEqualTo(2);
    }
}
