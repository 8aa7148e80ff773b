// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FullDiskTest {
    @ParameterizedTest
    @CsvSource({"No space left on device, true", "dump: No space left on device, true", "Disk quota exceeded, true",
            "File too large, false", "Input/output error, false"})
    void isToldByTheSystemsWords(String message, boolean full) {
        assertThat(FullDisk.isCause(new IOException(message))).isEqualTo(full);
    }

    @Test
    void isNoOtherFailure() {
        assertThat(FullDisk.isCause(null)).isFalse();
        assertThat(FullDisk.isCause(new IOException())).isFalse();
        assertThat(FullDisk.isCause(new UncheckedIOException(new IOException("No space left on device")))).isFalse();
    }
}
