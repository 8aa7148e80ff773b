// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// The parts of a split dump as inputs, and what is known where one of them is not at hand.
class KdumpPartsTest extends KdumpDumps {
    @Test
    void readsASplitSetAsOneDump() throws IOException {
        SplitDumpBuilder dump = dump(1500);
        List<Path> parts = new ArrayList<>();
        parts.add(file("c", dump.part(1024, 1500)));
        parts.add(file("a", dump.part(0, 64)));
        parts.add(file("b", dump.part(64, 1024)));
        try (Vmcore vmcore = openSplit(parts)) {
            assertThat(vmcore.incomplete()).isFalse();
            holdsEveryPage(vmcore, 1500);
        }
        assertThat(warnings.list).isEmpty();
    }

    @Test
    void countsThePagesOfMissingPartsAsLost() throws IOException {
        SplitDumpBuilder dump = dump(300);
        Path middle = file("b", dump.part(64, 128));
        try (Vmcore vmcore = VmcoreOpener.open(middle, new OpenOptions(true), warnings);
                PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.incomplete()).isTrue();
            assertThat(vmcore.isStored(65)).isTrue();
            assertThat(vmcore.isStored(1)).isFalse();
            assertThat(vmcore.isStored(130)).isFalse();
            assertThat(read(reader, 65 * PAGE, PAGE, true)).isEqualTo(contents(65));
            assertThat(read(reader, 130 * PAGE, PAGE, true)).isEqualTo(new byte[PAGE]);
            var present = new PageBitmap(300);
            vmcore.markPresent(new PfnRange(0, 300), present);
            assertThat(present.cardinality()).isEqualTo(present.cardinality(64, 128)).isPositive();
            var existing = new PageBitmap(300);
            vmcore.markExisting(new PfnRange(0, 300), existing);
            assertThat(vmcore.missingPages()).isPositive().isLessThan(existing.cardinality());
            assertThat(vmcore.unreadablePages()).isZero();
        }
        assertThat(warnings.list).first().asString().isEqualTo(
                "[" + middle
                        + "] is one part of a split dump: it holds pfns 0x40 to 0x80 of 0x12c; give all parts as the input (PART... DUMPFILE), or join them with "
                        + "--reassemble");
    }

    @Test
    void saysWhichPfnsNoPartHolds() throws IOException {
        SplitDumpBuilder dump = dump(300);
        Path last = file("c", dump.part(128, 300));
        try (Vmcore vmcore = openSplit(List.of(last, file("a", dump.part(0, 64))))) {
            assertThat(vmcore.incomplete()).isTrue();
        }
        assertThat(warnings.list).first().asString().isEqualTo("[" + last
                + "] split dump: no part holds pfns 0x40 to 0x80; their pages are missing");
    }

    @Test
    void tellsPartsFromOtherFiles() throws IOException {
        SplitDumpBuilder dump = dump(300);
        Path part = file("part", dump.part(0, 64));
        Path whole = file("whole", dump.build());
        Path cut = file("cut", Arrays.copyOf(dump.part(0, 64), 600));
        Path packed = file("packed", new byte[]{0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0});
        Path flattened = file("flattened", Arrays.copyOf("makedumpfile".getBytes(StandardCharsets.US_ASCII), 4096));
        assertThat(List.of(part, packed, flattened)).allMatch(SplitParts::mayBePart);
        assertThat(List.of(whole, cut, directory, directory.resolve("missing"))).noneMatch(SplitParts::mayBePart);
        assertThat(SplitParts.isPart(part)).isTrue();
        assertThat(List.of(packed, flattened, whole, cut, directory)).noneMatch(SplitParts::isPart);
    }

    @Test
    void refusesPartsThatDoNotBelongTogether() throws IOException {
        Path first = file("a", dump(300).part(0, 64));
        Path other = file("b", dump(300).level(1).part(64, 300));
        assertThatThrownBy(() -> openSplit(List.of(first, other))).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("are of another dump");
        assertThatThrownBy(() -> openSplit(List.of(first, first))).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("must not be held by two parts");
    }

    @Test
    void takesTheBitmapsOfAllPartsOfAnIncompleteSet() throws IOException {
        SplitDumpBuilder dump = dump(200).status(INCOMPLETE).lost(62);
        byte[] first = dump.part(0, 64);
        int secondBitmap = 3 * PAGE;
        Arrays.fill(first, secondBitmap + 56 / 8, secondBitmap + PAGE, (byte) 0);
        try (Vmcore vmcore = openSplit(List.of(file("a", first), file("b", dump.part(64, 200))));
                PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.isStored(62)).isFalse();
            assertThat(vmcore.missingPages()).isEqualTo(1);
            assertThat(read(reader, 199 * PAGE, PAGE, true)).isEqualTo(contents(199));
        }
    }
}
