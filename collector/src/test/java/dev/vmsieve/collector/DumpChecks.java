// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.filter.FilterResult;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// What tests of the collector ask again and again.
final class DumpChecks {
    private DumpChecks() {}

    static DumpIdentity identity(FakeVmcore vmcore) {
        return DumpIdentity.of(vmcore, Optional.empty());
    }

    /// No thread of the pipeline lives, and each has closed its reader.
    static void assertThreadsEnded(FakeVmcore vmcore) {
        List<String> alive = new ArrayList<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("vmsieve-collect")) {
                alive.add(thread.getName());
            }
        }
        assertThat(alive).isEmpty();
        assertThat(vmcore.openReaders).hasValue(0);
    }

    /// The file breaks no rule, is complete, and holds just the pages asked for, as they are in the vmcore.
    static void assertComplete(Path file, FilterResult filtered) throws IOException {
        try (PlainKdumpReader dump = new PlainKdumpReader(file)) {
            assertThat(dump.check()).isEmpty();
            assertThat(dump.status() & PlainKdumpReader.INCOMPLETE).isZero();
            assertThat(dump.dumpedPages()).isEqualTo(filtered.bitmaps().dumpable().cardinality());
            assertPages(dump, filtered, dump.dumpedPages());
        }
    }

    /// The file breaks no rule, is marked incomplete, and holds just the first pages.
    static void assertIncomplete(Path file, FilterResult filtered, long pages) throws IOException {
        try (PlainKdumpReader dump = new PlainKdumpReader(file)) {
            assertThat(dump.check()).isEmpty();
            assertThat(dump.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
            assertPages(dump, filtered, pages);
        }
    }

    private static void assertPages(PlainKdumpReader dump, FilterResult filtered, long pages) throws IOException {
        long rank = 0;
        for (long pfn = 0; pfn < dump.maxMapnr(); pfn++) {
            assertThat(dump.exists(pfn)).as("pfn %d exists", pfn).isEqualTo(filtered.bitmaps().existing().get(pfn));
            assertThat(dump.dumped(pfn)).as("pfn %d dumped", pfn).isEqualTo(filtered.bitmaps().dumpable().get(pfn));
            if (!dump.dumped(pfn)) {
                continue;
            }
            if (rank++ < pages) {
                byte[] expected = filtered.bitmaps().unreadable().get(pfn)
                        ? new byte[FakeVmcore.PAGE_BYTES]
                        : FakeVmcore.page(pfn);
                assertThat(dump.page(pfn)).as("page of pfn %d", pfn).isEqualTo(expected);
            } else {
                assertThat(dump.descriptor(pfn)).as("descriptor of pfn %d", pfn)
                        .isEqualTo(new PlainKdumpReader.Descriptor(0, 0, 0, 0));
            }
        }
    }
}
