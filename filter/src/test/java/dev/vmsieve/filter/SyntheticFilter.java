// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Filters a synthetic kernel's core, and keeps what was warned of.
final class SyntheticFilter implements AutoCloseable {
    private final Path file;
    private final Vmcore vmcore;
    private final Kernel kernel;
    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
    private final List<String> stages = Collections.synchronizedList(new ArrayList<>());

    private SyntheticFilter(Path file, Vmcore vmcore, Kernel kernel) {
        this.file = file;
        this.vmcore = vmcore;
        this.kernel = kernel;
    }

    static SyntheticFilter of(SyntheticKernel kernel) throws IOException {
        return of(kernel.core());
    }

    static SyntheticFilter of(ElfCoreBuilder core) throws IOException {
        Path file = core.write(Files.createTempFile("synthetic", ".vmcore"));
        Vmcore vmcore = VmcoreOpener.open(file, new OpenOptions(false), Progress.NONE);
        return new SyntheticFilter(file, vmcore, Kernel.open(vmcore, Optional.empty(), Progress.NONE));
    }

    FilterResult filter(int level) throws IOException {
        return filter(new FilterPlan(DumpLevel.of(level), 1, FilterPlan.DEFAULT_UNIT_PAGES));
    }

    FilterResult filter(FilterPlan plan) throws IOException {
        return PageFilter.filter(vmcore, Optional.of(kernel), plan, new Listener());
    }

    Vmcore vmcore() {
        return vmcore;
    }

    List<String> warnings() {
        return warnings;
    }

    List<String> stages() {
        return stages;
    }

    static BitSet bits(PageBitmap bitmap) {
        BitSet bits = new BitSet();
        for (long pfn = bitmap.nextSet(0); pfn < bitmap.size(); pfn = bitmap.nextSet(pfn + 1)) {
            bits.set((int) pfn);
        }
        return bits;
    }

    @Override
    public void close() throws IOException {
        vmcore.close();
        Files.delete(file);
    }

    private final class Listener implements Progress {
        private long advanced;

        @Override
        public void begin(Stage stage, long total) {
            stages.add("begin " + stage + " " + total);
            advanced = 0;
        }

        @Override
        public synchronized void advance(long amount) {
            advanced += amount;
        }

        @Override
        public void end(Stage stage) {
            stages.add("end " + stage + " " + advanced);
        }

        @Override
        public void warning(String message) {
            warnings.add(message);
        }
    }
}
