// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.SyntheticKernel;
import dev.vmsieve.fixtures.SyntheticMachine;

/// The page table must tell what the headers of a vmcore say.
class KernelMapTest {
    private static final int PAGE = 4096;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(KernelEra.class)
    void findsImageAndDirectMapOfEveryEra(KernelEra era) throws IOException {
        assertFinds(SyntheticKernel.builder(era).build());
    }

    @Test
    void findsThemWithFiveLevelsAndWithoutKaslr() throws IOException {
        assertFinds(SyntheticKernel.builder(KernelEra.V6_1).fiveLevel().build());
        assertFinds(SyntheticKernel.builder(KernelEra.V6_12).withoutKaslr().build());
    }

    @ParameterizedTest
    @EnumSource(SyntheticMachine.class)
    void findsThemOnEveryMachine(SyntheticMachine machine) throws IOException {
        assertFinds(SyntheticKernel.builder(KernelEra.V6_12).machine(machine).build());
    }

    private void assertFinds(SyntheticKernel kernel) throws IOException {
        Path file = kernel.write(folder.resolve("vmcore"));
        try (Vmcore vmcore = VmcoreOpener.open(file, new OpenOptions(false), Progress.NONE)) {
            List<KernelSegment> found = KernelMap.segments(vmcore,
                    Kernel.open(vmcore, Optional.empty(), Progress.NONE));
            List<KernelSegment> expected = new ArrayList<>();
            for (KernelSegment segment : vmcore.segments()) {
                long start = segment.paddr() & -PAGE;
                long end = (segment.end() + PAGE - 1) & -PAGE;
                expected.add(new KernelSegment(start, segment.vaddr() - segment.paddr() + start, end - start));
            }
            assertThat(found.getFirst().vaddr()).isEqualTo(expected.getFirst().vaddr());
            assertThat(found.getFirst().paddr()).isEqualTo(expected.getFirst().paddr());
            assertThat(found.subList(1, found.size())).isEqualTo(expected.subList(1, expected.size()));
        }
    }
}
