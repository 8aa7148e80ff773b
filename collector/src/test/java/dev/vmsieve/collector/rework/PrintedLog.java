// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.filter.progress.Progress;

/// Prints logs, and keeps what was printed and warned of.
final class PrintedLog {
    final List<String> warnings = new ArrayList<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    /// What is printed of a log; what was printed of an earlier one is forgotten.
    String print(LogKeys keys, boolean partial) throws IOException {
        printed.reset();
        LogReport report = KernelLog.print(keys, partial, printed, Progress.warnings(warnings::add));
        assertThat(report.bytes()).isEqualTo(printed.size());
        return text();
    }

    /// What came out so far, also if printing failed.
    String text() {
        return printed.toString(StandardCharsets.ISO_8859_1);
    }
}
