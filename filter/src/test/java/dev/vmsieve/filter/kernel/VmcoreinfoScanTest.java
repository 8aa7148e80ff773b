// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.SegmentData;

class VmcoreinfoScanTest {
    private static final int PAGE = 4096;

    @TempDir
    private Path directory;

    /// 4 PiB with a page at each end: whoever looks at all that follows from each place in between takes days.
    @Test
    void searchesTheEmptiestMachine() throws IOException {
        Path path = new ElfCoreBuilder().load(0, 0, PAGE, SegmentData.zeros())
                .load((1L << 52) - PAGE, 0, PAGE, SegmentData.zeros()).write(directory.resolve("vmcore"));
        try (Vmcore vmcore = VmcoreOpener.open(path, new OpenOptions(false), Progress.NONE);
                VmcoreinfoScan scan = new VmcoreinfoScan(vmcore)) {
            assertThat(vmcore.maxMapnr()).isEqualTo(1L << 40);
            assertThat(scan.next()).isEmpty();
        }
    }
}
