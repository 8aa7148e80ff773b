// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.collector.Collector;
import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterPlan;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.filter.PageFilter;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Dumps a small synthetic kernel in this process, to nowhere, and reads its peak from /proc/self/status.
///
/// The kernel lies in a temporary file for that time.
public final class FilterJob implements MemoryProbe {
    private static final long MEGABYTES = 64;
    private static final long SEED = 31;
    private static final Path STATUS = Path.of("/proc/self/status");

    @Override
    public Peak measure(Compression compression, int level, int threads) throws IOException {
        Path vmcore = Files.createTempFile("vmsieve-doctor-", ".vmcore");
        try {
            Files.delete(vmcore);
            SyntheticKernel.demo(MEGABYTES, SEED).write(vmcore);
            forgetPeak();
            dump(vmcore, compression, level, threads);
            String status = Files.readString(STATUS, StandardCharsets.ISO_8859_1);
            return new Peak(MemInfo.bytes(status, "VmHWM"), MemInfo.bytes(status, "RssFile"));
        } finally {
            Files.deleteIfExists(vmcore);
        }
    }

    private static void dump(Path file, Compression compression, int level, int threads) throws IOException {
        Progress progress = Progress.NONE;
        try (Vmcore vmcore = VmcoreOpener.open(file, new OpenOptions(true), progress)) {
            Optional<Kernel> kernel = Optional.of(Kernel.open(vmcore, Optional.empty(), progress));
            FilterResult filtered = PageFilter.filter(vmcore, kernel, FilterPlan.of(DumpLevel.of(level), threads),
                    progress);
            CollectPlan plan = CollectPlan.of(Path.of("STDOUT"), compression).withThreads(threads);
            Collector.flatten(plan, Channels.newChannel(OutputStream.nullOutputStream()), vmcore, filtered,
                    DumpIdentity.of(vmcore, kernel), progress);
        }
    }

    /// What making the kernel took does not count: its heap is given back, and the peak begins anew.
    private static void forgetPeak() {
        System.gc();
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        } catch (IOException notAllowed) {
            // The peak is then that of both, which errs on the safe side.
            return;
        }
    }
}
