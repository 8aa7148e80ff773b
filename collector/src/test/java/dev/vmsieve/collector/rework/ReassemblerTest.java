// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.collector.rework.IncompleteFileException.Reason;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.fixtures.FlattenedStream;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// Joining parts: the result is the dump that was never split, and what does not belong together is refused.
class ReassemblerTest {
    private static final int INCOMPLETE = 8;
    private static final int STATUS = 424;
    private static final long SEED = 0x5eed;

    @TempDir
    Path directory;
    private Path out = Path.of("");

    @BeforeEach
    void nameTheOutput() {
        out = directory.resolve("dump");
    }

    /// Pages of all kinds and methods; every 7th pfn is a hole, every 11th excluded.
    private static SplitDumpBuilder dump(long maxMapnr, boolean zeroFirst) throws IOException {
        SplitDumpBuilder dump = new SplitDumpBuilder(maxMapnr).status(1).level(zeroFirst ? 31 : 0)
                .vmcoreinfo("OSRELEASE=6.1.0\nPAGESIZE=4096\n").physBase(-0x1000);
        if (zeroFirst) {
            dump.zeroFirst();
        }
        var random = new SplittableRandom(SEED);
        int[] methods = {0, PlainKdumpReader.ZLIB, PlainKdumpReader.SNAPPY, PlainKdumpReader.ZSTD};
        for (long pfn = 0; pfn < maxMapnr; pfn++) {
            if (pfn % 11 == 0) {
                dump.excluded(pfn);
            } else if (pfn % 7 != 0) {
                PagePattern[] patterns = PagePattern.values();
                PagePattern pattern = patterns[random.nextInt(patterns.length)];
                dump.page(pfn, pattern.page(pfn, SEED), methods[random.nextInt(4)]);
            }
        }
        return dump;
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private List<Path> parts(SplitDumpBuilder dump, long... bounds) throws IOException {
        List<Path> parts = new ArrayList<>();
        for (int i = 1; i < bounds.length; i++) {
            parts.add(file("part" + i, dump.part(bounds[i - 1], bounds[i])));
        }
        return parts;
    }

    private ReassembleReport reassemble(List<Path> parts) throws IOException {
        return Reassembler.reassemble(ReassemblePlan.of(parts, out), Progress.NONE);
    }

    @Test
    void makesTheDumpThatWasNeverSplit() throws IOException {
        for (boolean zeroFirst : new boolean[]{true, false}) {
            SplitDumpBuilder dump = dump(1000, zeroFirst);
            List<Path> parts = parts(dump, 0, 128, 640, 640, 1000, 1000).reversed();
            ReassembleReport report = reassemble(parts);
            byte[] whole = dump.build();
            assertThat(Arrays.equals(Files.readAllBytes(out), whole)).as("zeroFirst %s", zeroFirst).isTrue();
            assertThat(report.fileBytes()).isEqualTo(whole.length);
            assertThat(report.missingPages()).isZero();
            try (var plain = new PlainKdumpReader(out)) {
                assertThat(plain.check()).isEmpty();
                assertThat(report.pages()).isEqualTo(plain.dumpedPages());
            }
            Files.delete(out);
        }
    }

    @Test
    void copiesManyPagesInManyChunks() throws IOException {
        SplitDumpBuilder dump = new SplitDumpBuilder(40_000).level(1).zeroFirst();
        for (long pfn = 0; pfn < 40_000; pfn++) {
            PagePattern pattern = pfn % 3 == 0 ? PagePattern.ZERO : PagePattern.CONSTANT;
            dump.page(pfn, pattern.page(pfn, SEED), PlainKdumpReader.SNAPPY);
        }
        reassemble(parts(dump, 0, 64, 30_016, 40_000));
        assertThat(Arrays.equals(Files.readAllBytes(out), dump.build())).isTrue();
    }

    @Test
    void joinsWhatWasErased() throws IOException {
        SplitDumpBuilder dump = dump(200, true).eraseinfo("erase one size 1\n");
        reassemble(parts(dump, 0, 64, 200));
        byte[] expected = dump.eraseinfo("erase one size 1\nerase one size 1\n").build();
        assertThat(Arrays.equals(Files.readAllBytes(out), expected)).isTrue();
    }

    @Test
    void keepsAZeroPageThatIsAPagesOwn() throws IOException {
        var dump = new SplitDumpBuilder(128);
        dump.page(0, new byte[4096], 0).page(5, PagePattern.NOISE.page(5, SEED), 0)
                .page(64, PagePattern.NOISE.page(64, SEED), 0).page(70, new byte[4096], 0);
        reassemble(parts(dump, 0, 64, 128));
        assertThat(Arrays.equals(Files.readAllBytes(out), dump.build())).isTrue();
    }

    @Test
    void readsOlderHeaderVersions() throws IOException {
        for (int version = 2; version <= 6; version++) {
            SplitDumpBuilder dump = dump(200, true).version(version);
            reassemble(parts(dump, 0, 64, 200));
            assertThat(Arrays.equals(Files.readAllBytes(out), dump.build())).as("version %d", version).isTrue();
            Files.delete(out);
        }
    }

    @Test
    void readsFlattenedParts() throws IOException {
        SplitDumpBuilder dump = dump(200, true);
        byte[] first = dump.part(0, 64);
        Path flat = file("flat", new FlattenedStream().record(0, first).end().bytes());
        reassemble(List.of(flat, file("part2", dump.part(64, 200))));
        assertThat(Arrays.equals(Files.readAllBytes(out), dump.build())).isTrue();
    }

    @Test
    void keepsTheMarkOfIncompleteParts() throws IOException {
        SplitDumpBuilder dump = dump(200, true).status(1 | INCOMPLETE).lost(199);
        ReassembleReport report = reassemble(parts(dump, 0, 64, 200));
        assertThat(report.missingPages()).isEqualTo(1);
        assertThat(Arrays.equals(Files.readAllBytes(out), dump.build())).isTrue();
    }

    @Test
    void takesTheFullestBitmapOfIncompleteParts() throws IOException {
        SplitDumpBuilder dump = dump(200, true).status(1 | INCOMPLETE);
        for (int pfn = 57; pfn < 63; pfn++) {
            dump.lost(pfn);
        }
        byte[] first = dump.part(0, 64);
        int secondBitmap = 3 * 4096;
        Arrays.fill(first, secondBitmap + 56 / 8, secondBitmap + 4096, (byte) 0);
        reassemble(List.of(file("part1", first), file("part2", dump.part(64, 200))));
        assertThat(Arrays.equals(Files.readAllBytes(out), dump.build())).isTrue();
    }

    @Test
    void marksTheDumpWhenPagesAreMissingThatNoPartOwnsUpTo() throws IOException {
        SplitDumpBuilder dump = dump(200, true).lost(199);
        reassemble(parts(dump, 0, 64, 200));
        assertThat(Arrays.equals(Files.readAllBytes(out), dump.status(1 | INCOMPLETE).build())).isTrue();
    }

    @Test
    void refusesAMixOfCompleteAndIncompleteParts() throws IOException {
        SplitDumpBuilder dump = dump(200, true);
        Path first = file("part1", dump.part(0, 64));
        Path second = file("part2", dump.status(1 | INCOMPLETE).part(64, 200));
        assertThatThrownBy(() -> reassemble(List.of(first, second))).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[" + second + "] kdump main header: says that the part is incomplete, but [" + first
                        + "] of the same set does not");
        assertThat(out).doesNotExist();
    }

    @Test
    void refusesPartsOfDifferentDumps() throws IOException {
        Path first = file("part1", dump(200, true).part(0, 64));
        Path level = file("part2", dump(200, true).level(1).part(64, 200));
        Path machine = file("part3", dump(200, true).machine("aarch64").part(64, 200));
        Path pages = file("part4", dump(200, true).excluded(0).excluded(7).part(64, 200));
        for (Path other : List.of(level, machine)) {
            assertThatThrownBy(() -> reassemble(List.of(first, other))).isInstanceOf(CorruptDumpException.class)
                    .hasMessage("[" + other + "] kdump headers: must be those of [" + first
                            + "] but are of another dump");
        }
        assertThatThrownBy(() -> reassemble(List.of(first, pages))).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[" + pages + "] kdump bitmaps: must be those of [" + first + "] but are of another dump");
        assertThat(out).doesNotExist();
    }

    @Test
    void refusesASetWithAMissingPart() throws IOException {
        List<Path> parts = parts(dump(300, true), 0, 64, 128, 300);
        assertThatThrownBy(() -> reassemble(parts.subList(1, 3))).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[" + parts.get(1) + "] split dump: no part holds pfns 0x0 to 0x40");
        assertThatThrownBy(() -> reassemble(List.of(parts.get(0), parts.get(2))))
                .hasMessage("[" + parts.get(2) + "] split dump: no part holds pfns 0x40 to 0x80");
        assertThatThrownBy(() -> reassemble(parts.subList(0, 2)))
                .hasMessage("[" + parts.get(1) + "] split dump: no part holds pfns 0x80 to 0x12c");
        assertThat(out).doesNotExist();
    }

    @Test
    void refusesTheSamePartTwice() throws IOException {
        List<Path> parts = parts(dump(300, true), 0, 64, 300);
        assertThatThrownBy(() -> reassemble(List.of(parts.get(0), parts.get(1), parts.get(0))))
                .isInstanceOf(CorruptDumpException.class).hasMessage("[" + parts.get(0)
                        + "] kdump sub header: pfns 0x0 to 0x40 must not be held by two parts but [" + parts.get(0)
                        + "] has 0x0 to 0x40");
    }

    @Test
    void refusesAWholeDump() throws IOException {
        Path whole = file("whole", dump(200, true).build());
        assertThatThrownBy(() -> reassemble(List.of(whole))).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[" + whole + "] kdump sub header: split must be 1 for a part of a split dump but was 0:"
                        + " it is a whole dump");
    }

    @Test
    void refusesToOverwriteAPart() throws IOException {
        List<Path> parts = parts(dump(200, true), 0, 64, 200);
        byte[] before = Files.readAllBytes(parts.get(1));
        Path link = Files.createSymbolicLink(directory.resolve("link"), parts.get(1));
        assertThatThrownBy(() -> Reassembler.reassemble(
                new ReassemblePlan(parts, link, true, ReassemblePlan.NO_LIMIT, Optional.empty(), ReassemblerTest::lost),
                Progress.NONE))
                .isInstanceOf(IOException.class).hasMessageContaining("is one of the parts");
        assertThat(Files.readAllBytes(parts.get(1))).isEqualTo(before);
    }

    @Test
    void refusesAnExistingFile() throws IOException {
        Files.writeString(out, "precious");
        List<Path> parts = parts(dump(200, true), 0, 64, 200);
        assertThatThrownBy(() -> reassemble(parts)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(out).hasContent("precious");
    }

    @Test
    void marksTheFileAtADamagedDescriptor() throws IOException {
        SplitDumpBuilder dump = dump(200, true).stored(65, new byte[100], 0);
        List<Path> parts = parts(dump, 0, 64, 200);
        IncompleteFileException failure = catchThrowableOfType(IncompleteFileException.class, () -> reassemble(parts));
        assertThat(failure)
                .hasMessage("[" + parts.get(1) + "] page descriptor of pfn 65: size must be 4096 but was 100; ["
                        + out + "] holds what came before, and is marked incomplete");
        assertThat(failure.reason()).isEqualTo(Reason.INPUT);
        assertThat(status()).isEqualTo(1 | INCOMPLETE);
    }

    @Test
    void marksTheFileAtTheEndOfATruncatedPart() throws IOException {
        SplitDumpBuilder dump = dump(200, true);
        Path first = file("part1", dump.part(0, 64));
        byte[] second = dump.part(64, 200);
        Path cut = file("part2", Arrays.copyOf(second, second.length - 1));
        assertThatThrownBy(() -> reassemble(List.of(first, cut))).isInstanceOf(IncompleteFileException.class)
                .hasMessageContaining("[" + cut + "] page descriptor of pfn 199: offset must lie inside the file");
        assertThat(status()).isEqualTo(1 | INCOMPLETE);
    }

    @Test
    void stopsAtTheSizeLimitAndMarks() throws IOException {
        List<Path> parts = parts(dump(200, true), 0, 64, 200);
        IncompleteFileException failure = catchThrowableOfType(IncompleteFileException.class,
                () -> Reassembler.reassemble(
                        new ReassemblePlan(parts, out, false, 100_000, Optional.empty(), ReassemblerTest::lost),
                        Progress.NONE));
        assertThat(failure.reason()).isEqualTo(Reason.SIZE_LIMIT);
        assertThat(Files.size(out)).isEqualTo(100_000);
        assertThat(status()).isEqualTo(1 | INCOMPLETE);
    }

    private int status() throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.LITTLE_ENDIAN).getInt(STATUS);
    }

    private static void lost(IOException failure) {
        throw new AssertionError(failure);
    }
}
