// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.collector.plan.DumpIdentity;
import dev.vmsieve.collector.plan.SplitPlan;
import dev.vmsieve.collector.rework.ReassemblePlan;
import dev.vmsieve.collector.rework.Reassembler;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SegmentData;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// What a dump tells beside its pages is told on by the dump that is made of it.
class RefilterNotesTest extends RefilterRuns {
    private static String erased(Path dump) throws IOException {
        try (PlainKdumpReader reader = new PlainKdumpReader(dump)) {
            assertThat(reader.check()).isEmpty();
            byte[] all = Files.readAllBytes(dump);
            int at = (int) reader.offsetEraseinfo();
            return new String(all, at, (int) reader.sizeEraseinfo(), StandardCharsets.US_ASCII);
        }
    }

    /// From kdump to kdump, to ELF and back, in one file and in parts.
    @Test
    void keepsTellingWhatWasErased() throws IOException {
        String text = "erase key size 32\nerase list.next nullify\n";
        Path input = mixed().eraseinfo(text).write(folder.resolve("mixed"));
        Path kdump = refilter(input, Compression.SNAPPY).file();
        assertThat(erased(kdump)).isEqualTo(text);
        assertThat(refilter(kdump, Compression.NONE).file())
                .hasSameBinaryContentAs(refilter(input, Compression.NONE).file());
        Path elf = folder.resolve("elf");
        try (Vmcore vmcore = open(kdump)) {
            List<KernelSegment> memory = List.of(new KernelSegment(0, -1L << 47, (long) PFNS * PAGE));
            Collector.collect(CollectPlan.elf(elf), vmcore, filtered(vmcore, 1),
                    DumpIdentity.of(vmcore, Optional.empty()).withSegments(memory), Progress.NONE);
        }
        try (PlainElfReader reader = new PlainElfReader(elf)) {
            assertThat(reader.notes()).filteredOn(note -> note.name().equals("ERASEINFO")).singleElement()
                    .satisfies(note -> assertThat(new String(note.desc(), StandardCharsets.US_ASCII)).isEqualTo(text));
        }
        assertThat(erased(refilter(elf, Compression.ZSTD).file())).isEqualTo(text);
        SplitPlan split = new SplitPlan(List.of(folder.resolve("1"), folder.resolve("2"), folder.resolve("3")), 4096,
                true);
        Path joined = folder.resolve("joined");
        try (Vmcore vmcore = open(input)) {
            Collector.split(CollectPlan.of(split.files().getFirst(), Compression.SNAPPY), split, vmcore,
                    filtered(vmcore, 1), DumpIdentity.of(vmcore, Optional.empty()), Progress.NONE);
        }
        Reassembler.reassemble(ReassemblePlan.of(split.files(), joined), Progress.NONE);
        assertThat(joined).hasSameBinaryContentAs(kdump);
    }

    /// A driver's own dump, in front of the other notes, is as large as the device's memory.
    @Test
    void takesNotesAlongThatAreLargerThanTheHeapIs() throws IOException {
        int bytes = 70 << 20;
        Path input = new ElfCoreBuilder().note("LINUX", 0x700, new byte[bytes]).vmcoreinfo(VMCOREINFO)
                .load(0, -1, 8 * PAGE, SegmentData.zeros()).write(folder.resolve("vmcore"));
        Run first;
        try (Vmcore vmcore = open(input)) {
            assertThat(vmcore.notes().isDirect()).isTrue();
            assertThat(vmcore.notes().limit()).isGreaterThan(bytes);
            first = run(vmcore, CollectPlan.of(folder.resolve("first"), Compression.NONE));
        }
        Run again = refilter(first.file(), Compression.ZSTD);
        try (Vmcore before = open(first.file()); Vmcore after = open(again.file())) {
            assertThat(after.notes().isDirect()).isTrue();
            assertThat(after.notes()).isEqualTo(before.notes());
            assertThat(after.vmcoreinfo()).contains(VMCOREINFO.getBytes(StandardCharsets.ISO_8859_1));
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void keepsSayingThatStructPagesAreLeftOut() throws IOException {
        SplitDumpBuilder dump = mixed().status(PlainKdumpReader.ZLIB | 0x10);
        Path input = dump.write(folder.resolve("e"));
        for (Compression asked : List.of(Compression.NONE, Compression.LZO)) {
            try (PlainKdumpReader after = new PlainKdumpReader(refilter(input, asked).file())) {
                assertThat(after.status()).isEqualTo(
                        0x10 | (asked == Compression.NONE ? PlainKdumpReader.ZLIB : PlainKdumpReader.LZO));
            }
        }
    }
}
