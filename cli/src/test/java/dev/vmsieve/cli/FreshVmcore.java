// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.fixtures.SyntheticKernel;

/// A vmcore of 64 MiB for each test, and the name of a dump file that is not there.
abstract class FreshVmcore {
    private static final long SEED = 98;

    @TempDir
    Path folder;
    Path vmcore = Path.of("");
    Path dump = Path.of("");

    @BeforeEach
    void makeVmcore() throws IOException {
        vmcore = SyntheticKernel.demo(64, SEED).write(folder.resolve("vmcore"));
        dump = folder.resolve("dump");
    }
}
