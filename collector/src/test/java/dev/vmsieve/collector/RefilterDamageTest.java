// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// Damaged dumps that are filtered again: no page is lost but those that cannot be had.
class RefilterDamageTest extends RefilterRuns {
    @ParameterizedTest
    @CsvSource({
            "0, 0, 0, is missing",
            "100, 100, 1, offset must lie inside the file but was 100",
            "99999999, 100, 2, offset must lie inside the file but was 99999999",
            "-5, 100, 4, offset must lie inside the file but was -5",
            "60000, 0, 1, size must be 1 to 4096 but was 0",
            "60000, 4097, 1, size must be 1 to 4096 but was 4097",
            "60000, -1, 32, size must be 1 to 4096 but was 4294967295",
            "60000, 4095, 0, size must be 4096 but was 4095",
    })
    void takesPagesWithBrokenDescriptorsForZeroAsWhenReadingThem(long offset, int size, int flags, String message)
            throws IOException {
        ByteBuffer dump = ByteBuffer.wrap(mixed().build()).order(ByteOrder.LITTLE_ENDIAN);
        Path good = write("good", dump.array());
        try (PlainKdumpReader reader = new PlainKdumpReader(good)) {
            // the fourth page, in a run of pages to be copied
            int at = (int) reader.descriptorStart() + 3 * DESCRIPTOR_BYTES;
            dump.putLong(at, offset).putInt(at + 8, size).putInt(at + 12, flags);
        }
        Path input = write("broken", dump.array());
        Run again = refilter(input, Compression.NONE);
        assertThat(again.report().unreadablePages()).isEqualTo(1);
        assertThat(warnings).hasSize(1).first().asString().contains("pfn 3").contains(message);
        holdsWhatRecompressingWould(again, input, Compression.NONE);
        try (PlainKdumpReader after = new PlainKdumpReader(again.file())) {
            assertThat(after.page(3)).isEqualTo(new byte[PAGE]);
        }
    }

    @Test
    void leavesOutPagesBehindTheEndOfTheFileAndMarksTheDump() throws IOException {
        byte[] whole = mixed().build();
        Path input = write("cut", Arrays.copyOf(whole, whole.length - 50_000));
        Run again = refilter(input, Compression.NONE);
        assertThat(again.incompleteInput()).isTrue();
        assertThat(again.report().unreadablePages()).isZero();
        assertThat(warnings).hasSize(1).first().asString().contains("the dump is incomplete: ");
        holdsWhatRecompressingWould(again, input, Compression.NONE);
    }

    @Test
    void takesOnlyThePagesForZeroThatTheSystemCannotRead() throws IOException {
        Path input = compressedBy(Compression.ZSTD);
        long lost = 1012; // kept, and not filled with zeroes
        long bad;
        try (PlainKdumpReader reader = new PlainKdumpReader(input)) {
            bad = reader.descriptor(lost).offset() + 1;
        }
        FlakyDumpFile file = new FlakyDumpFile(FileDumpFile.open(input), bad);
        try (Vmcore vmcore = VmcoreOpener.open(file, Progress.warnings(warnings::add))) {
            Run again = run(vmcore, CollectPlan.of(folder.resolve("again"), Compression.NONE));
            assertThat(again.incompleteInput()).isFalse();
            assertThat(again.report().unreadablePages()).isEqualTo(1);
            assertThat(warnings).hasSize(1).first().asString().contains("Input/output error");
            try (PlainKdumpReader before = new PlainKdumpReader(input);
                    PlainKdumpReader after = new PlainKdumpReader(again.file())) {
                assertThat(after.status() & PlainKdumpReader.INCOMPLETE).isNotZero();
                for (long pfn = 0; pfn < PFNS; pfn++) {
                    if (after.dumped(pfn)) {
                        assertThat(after.page(pfn)).as("pfn %d", pfn)
                                .isEqualTo(pfn == lost ? new byte[PAGE] : before.page(pfn));
                    }
                }
            }
        }
    }

    /// A stream that no codec takes is copied all the same: nothing is lost that might be there.
    @Test
    void copiesPagesThatCannotBeDecompressed() throws IOException {
        byte[] garbage = new byte[1000];
        Arrays.fill(garbage, (byte) 0x5a);
        Path input = new SplitDumpBuilder(8).vmcoreinfo(VMCOREINFO).stored(0, garbage, PlainKdumpReader.LZO)
                .stored(1, Arrays.copyOf(garbage, 20), PlainKdumpReader.ZSTD).write(folder.resolve("garbage"));
        Run again = refilter(input, Compression.NONE);
        assertThat(again.report().unreadablePages()).isZero();
        try (PlainKdumpReader after = new PlainKdumpReader(again.file())) {
            assertThat(after.stored(0)).isEqualTo(garbage);
            assertThat(after.stored(1)).isEqualTo(Arrays.copyOf(garbage, 20));
        }
    }
}
