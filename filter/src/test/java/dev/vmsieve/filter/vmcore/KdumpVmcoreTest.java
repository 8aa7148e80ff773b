// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// Kdump-compressed dumps as inputs: every page as it went in, and each way in which a page can be missing.
class KdumpVmcoreTest {
    private static final int PAGE = 4096;
    private static final long SEED = 0x5eed;
    private static final int INCOMPLETE = 8;
    private static final int[] METHODS = {0, PlainKdumpReader.ZLIB, PlainKdumpReader.SNAPPY, PlainKdumpReader.ZSTD};

    @TempDir
    Path directory;
    private final Warnings warnings = new Warnings();

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private Vmcore open(byte[] bytes) throws IOException {
        return VmcoreOpener.open(file("dump", bytes), new OpenOptions(true), warnings);
    }

    private Vmcore openSplit(List<Path> paths) throws IOException {
        return VmcoreOpener.openSplit(paths, new OpenOptions(true), warnings);
    }

    private static boolean isHole(long pfn) {
        return pfn % 7 == 0;
    }

    private static boolean isExcluded(long pfn) {
        return !isHole(pfn) && pfn % 11 == 0;
    }

    private static byte[] contents(long pfn) {
        if (isHole(pfn) || isExcluded(pfn)) {
            return new byte[PAGE];
        }
        PagePattern[] patterns = PagePattern.values();
        return patterns[(int) (pfn % patterns.length)].page(pfn, SEED);
    }

    private static SplitDumpBuilder dump(long maxMapnr) throws IOException {
        SplitDumpBuilder dump = new SplitDumpBuilder(maxMapnr).level(17).physBase(-0x1000).zeroFirst()
                .vmcoreinfo("OSRELEASE=6.1.0\nPAGESIZE=4096\n");
        for (long pfn = 0; pfn < maxMapnr; pfn++) {
            if (isExcluded(pfn)) {
                dump.excluded(pfn);
            } else if (!isHole(pfn)) {
                dump.page(pfn, contents(pfn), METHODS[(int) (pfn / 3 % METHODS.length)]);
            }
        }
        return dump;
    }

    private static byte[] read(PageReader reader, long paddr, int bytes, boolean direct) throws IOException {
        ByteBuffer target = direct ? ByteBuffer.allocateDirect(bytes + 16) : ByteBuffer.allocate(bytes + 16);
        target.putLong(0, -1).putLong(bytes + 8, -1);
        reader.read(paddr, target, 8, bytes);
        assertThat(target.getLong(0)).isEqualTo(-1);
        assertThat(target.getLong(bytes + 8)).isEqualTo(-1);
        byte[] result = new byte[bytes];
        target.get(8, result);
        return result;
    }

    private static void holdsEveryPage(Vmcore vmcore, long pages) throws IOException {
        var expected = ByteBuffer.allocate((int) pages * PAGE);
        for (long pfn = 0; pfn < pages; pfn++) {
            expected.put(contents(pfn));
            boolean stored = !isHole(pfn) && !isExcluded(pfn);
            assertThat(vmcore.isStored(pfn)).as("pfn %d", pfn).isEqualTo(stored);
            long end = vmcore.firstNotStored(pfn, pfn + 5);
            assertThat(end > pfn).isEqualTo(stored);
            assertThat(end < pfn + 5 && vmcore.isStored(end)).as("pfn %d to %d", pfn, end).isFalse();
        }
        try (PageReader reader = vmcore.newReader()) {
            assertThat(Arrays.equals(read(reader, 0, (int) pages * PAGE, true), expected.array())).isTrue();
            var random = new SplittableRandom(SEED);
            for (int i = 0; i < 300; i++) {
                int at = random.nextInt(expected.capacity());
                int length = random.nextInt(Math.min(5 * PAGE, expected.capacity() - at) + 1);
                byte[] part = Arrays.copyOfRange(expected.array(), at, at + length);
                assertThat(Arrays.equals(read(reader, at, length, i % 2 == 0), part))
                        .as("%d bytes at 0x%x, seed %#x", length, at, SEED).isTrue();
            }
        }
        assertThat(vmcore.unreadablePages()).isZero();
    }

    @Test
    void readsEveryPageOfEveryMethod() throws IOException {
        try (Vmcore vmcore = open(dump(1500).build())) {
            assertThat(vmcore.maxMapnr()).isEqualTo(1500);
            assertThat(vmcore.dumpLevel()).isEqualTo(17);
            assertThat(vmcore.machine()).isEqualTo(62);
            assertThat(vmcore.pageBytes()).isEqualTo(PAGE);
            assertThat(vmcore.physBaseOfTextSegment()).contains(-0x1000L);
            assertThat(vmcore.incomplete()).isFalse();
            holdsEveryPage(vmcore, 1500);
        }
        assertThat(warnings.list).isEmpty();
    }

    @Test
    void readsFlattenedDumpsDirectly() throws IOException {
        byte[] whole = dump(300).build();
        ByteBuffer flat = ByteBuffer.allocate(4096 + 3 * 16 + whole.length);
        flat.put(0, "makedumpfile".getBytes(StandardCharsets.US_ASCII)).putLong(16, 1).putLong(24, 1).position(4096);
        int half = whole.length / 2;
        flat.putLong(half).putLong(whole.length - half).put(whole, half, whole.length - half);
        flat.putLong(0).putLong(half).put(whole, 0, half).putLong(-1).putLong(-1);
        try (Vmcore vmcore = open(flat.array())) {
            holdsEveryPage(vmcore, 300);
        }
        assertThat(warnings.list).isEmpty();
    }

    @Test
    void readsTheFlattenedPartOfAStreamCutShort() throws IOException {
        byte[] whole = dump(300).build();
        ByteBuffer flat = ByteBuffer.allocate(4096 + 16 + whole.length);
        flat.put(0, "makedumpfile".getBytes(StandardCharsets.US_ASCII)).putLong(16, 1).putLong(24, 1).position(4096);
        flat.putLong(0).putLong(whole.length).put(whole);
        try (Vmcore vmcore = open(flat.array())) {
            assertThat(vmcore.incomplete()).isTrue();
        }
        assertThat(warnings.list).hasSize(2).first().asString().contains("ends without an end record");
    }

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

    private static String erased(Vmcore vmcore) {
        return new String(ElfNotes.parse(vmcore.notes()).text(ElfNote.ERASEINFO, vmcore.notes()).orElseThrow(),
                StandardCharsets.US_ASCII);
    }

    @Test
    void tellsWhatWasErasedInItsNotes() throws IOException {
        try (Vmcore vmcore = open(dump(100).eraseinfo("erase key size 32\n").build())) {
            assertThat(erased(vmcore)).isEqualTo("erase key size 32\n");
            assertThat(new String(vmcore.vmcoreinfo().orElseThrow(), StandardCharsets.US_ASCII))
                    .startsWith("OSRELEASE=6.1.0");
        }
        List<Path> parts = new ArrayList<>();
        parts.add(file("a", dump(200).eraseinfo("erase a size 1\n").part(0, 64)));
        parts.add(file("b", dump(200).eraseinfo("erase a size 1\n").part(64, 128)));
        parts.add(file("c", dump(200).eraseinfo("erase b size 1\n").part(128, 200)));
        try (Vmcore vmcore = openSplit(parts)) {
            assertThat(erased(vmcore)).isEqualTo("erase a size 1\nerase b size 1\n");
        }
        assertThat(warnings.list).isEmpty();
    }

    @Test
    void warnsOfADamagedNoteThoughThereIsErasedText() throws IOException {
        byte[] bytes = dump(100).eraseinfo("erase key size 32\n").build();
        int name = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("VMCOREINFO\0");
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(name - 8, 1 << 30);
        try (Vmcore vmcore = open(bytes)) {
            assertThat(erased(vmcore)).isEqualTo("erase key size 32\n");
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("notes: note 0: descsz must fit into the ")
                .endsWith("it and what follows is not used");
    }

    /// It comes last in the file.
    @Test
    void doesNotRefuseADumpThatLacksTheTextOfWhatWasErased() throws IOException {
        byte[] whole = dump(100).eraseinfo("erase key size 32\n").build();
        try (Vmcore vmcore = open(Arrays.copyOf(whole, whole.length - 5))) {
            assertThat(erased(vmcore)).isEqualTo("erase key siz");
            holdsEveryPage(vmcore, 100);
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("size_eraseinfo is 18 but the file has 13");
        ByteBuffer bytes = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        for (long[] wrong : new long[][]{{-1, 18}, {1L << 60, 18}, {4096, -1}}) {
            warnings.list.clear();
            bytes.putLong(PAGE + 64, wrong[0]).putLong(PAGE + 72, wrong[1]);
            try (Vmcore vmcore = open(bytes.array())) {
                assertThat(ElfNotes.parse(vmcore.notes()).last(ElfNote.ERASEINFO)).isEmpty();
            }
            assertThat(warnings.list).hasSize(1).first().asString()
                    .contains("what was erased from the dump is not fully known");
        }
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
    void marksRangesOfPages() throws IOException {
        try (Vmcore vmcore = open(dump(1500).build())) {
            var existing = new PageBitmap(1500);
            var present = new PageBitmap(1500);
            vmcore.markExisting(new PfnRange(100, 900), existing);
            vmcore.markPresent(new PfnRange(100, 900), present);
            for (long pfn = 0; pfn < 1500; pfn++) {
                boolean inside = pfn >= 100 && pfn < 900;
                assertThat(existing.get(pfn)).as("pfn %d", pfn).isEqualTo(inside && !isHole(pfn));
                assertThat(present.get(pfn)).as("pfn %d", pfn)
                        .isEqualTo(inside && !isHole(pfn) && !isExcluded(pfn));
            }
        }
    }

    @Test
    void readsAllHeaderVersions() throws IOException {
        for (int version = 1; version <= 9; version++) {
            try (Vmcore vmcore = open(dump(200).version(version).build())) {
                holdsEveryPage(vmcore, 200);
                assertThat(vmcore.dumpLevel()).isEqualTo(17);
                assertThat(vmcore.vmcoreinfo().isPresent()).as("version %d", version).isEqualTo(version >= 3);
                assertThat(vmcore.notes().hasRemaining()).as("version %d", version).isEqualTo(version >= 3);
            }
        }
    }

    @Test
    void makesANoteOfAVmcoreinfoThatIsInNone() throws IOException {
        try (Vmcore four = open(dump(200).version(4).build()); Vmcore three = open(dump(200).version(3).build())) {
            assertThat(three.notes()).isEqualTo(four.notes());
            assertThat(new String(three.vmcoreinfo().orElseThrow(), StandardCharsets.US_ASCII))
                    .isEqualTo("OSRELEASE=6.1.0\nPAGESIZE=4096\n");
        }
    }

    @Test
    void countsLostPagesOfAnIncompleteDump() throws IOException {
        SplitDumpBuilder dump = dump(200).status(INCOMPLETE).lost(198).lost(199);
        try (Vmcore vmcore = open(dump.build()); PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.incomplete()).isTrue();
            assertThat(vmcore.missingPages()).isEqualTo(2);
            assertThat(vmcore.isStored(197)).isTrue();
            assertThat(vmcore.isStored(198)).isFalse();
            assertThat(read(reader, 198 * PAGE, 2 * PAGE, true)).isEqualTo(new byte[2 * PAGE]);
            assertThat(vmcore.unreadablePages()).isZero();
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("the dump is incomplete: 2 of ");
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

    @Test
    void countsLostPagesOfADumpThatDoesNotSaySo() throws IOException {
        try (Vmcore vmcore = open(dump(200).lost(199).build()); PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.isStored(199)).isTrue();
            assertThat(read(reader, 199 * PAGE, PAGE, true)).isEqualTo(new byte[PAGE]);
            assertThat(vmcore.isStored(199)).isFalse();
            assertThat(vmcore.unreadablePages()).isEqualTo(1);
            assertThat(vmcore.incomplete()).isTrue();
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("page of pfn 199: is missing");
    }

    private void isDamaged(byte[] stored, int flags, String message) throws IOException {
        warnings.list.clear();
        byte[] bytes = dump(200).stored(100, stored, flags).build();
        try (Vmcore vmcore = open(bytes); PageReader reader = vmcore.newReader()) {
            byte[] expected = new byte[3 * PAGE];
            System.arraycopy(contents(99), 0, expected, 0, PAGE);
            System.arraycopy(contents(101), 0, expected, 2 * PAGE, PAGE);
            assertThat(read(reader, 99 * PAGE, 3 * PAGE, true)).isEqualTo(expected);
            assertThat(vmcore.unreadablePages()).isEqualTo(1);
            assertThat(vmcore.isStored(100)).isFalse();
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("pfn 100").contains(message)
                .endsWith("; it is taken for zero, and so is any further page that cannot be read");
    }

    @Test
    void takesDamagedPagesForZeroAndSaysSo() throws IOException {
        isDamaged(new byte[100], 0, "size must be 4096 but was 100");
        isDamaged(new byte[4097], PlainKdumpReader.ZLIB, "size must be 1 to 4096 but was 4097");
        isDamaged(new byte[0], PlainKdumpReader.ZLIB, "size must be 1 to 4096 but was 0");
        for (int method : new int[]{PlainKdumpReader.ZLIB, PlainKdumpReader.LZO, PlainKdumpReader.SNAPPY,
                PlainKdumpReader.ZSTD}) {
            byte[] garbage = new byte[100];
            Arrays.fill(garbage, (byte) 0x5a);
            isDamaged(garbage, method, "at offset 0x");
        }
    }

    @Test
    void takesPagesBehindTheEndOfTheFileForMissing() throws IOException {
        byte[] whole = dump(200).build();
        try (Vmcore vmcore = open(Arrays.copyOf(whole, whole.length - 1)); PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.incomplete()).isTrue();
            assertThat(vmcore.missingPages()).isEqualTo(1);
            assertThat(vmcore.isStored(197)).isTrue();
            assertThat(vmcore.isStored(199)).isFalse();
            assertThat(read(reader, 197 * PAGE, PAGE, true)).isEqualTo(contents(197));
            assertThat(read(reader, 199 * PAGE, PAGE, true)).isEqualTo(new byte[PAGE]);
            assertThat(vmcore.unreadablePages()).isZero();
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("the dump is incomplete: 1 of ");
    }

    /// The last descriptors are those of pages that share their zeroes, and tell nothing of the file's size.
    @Test
    void seesThatAFileIsCutBehindWhichPagesOfZeroesFollow() throws IOException {
        var dump = new SplitDumpBuilder(5000).zeroFirst();
        dump.page(0, PagePattern.TEXT.page(0, SEED), 0).page(1, PagePattern.TEXT.page(1, SEED), 0);
        for (long pfn = 2; pfn < 5000; pfn++) {
            dump.page(pfn, new byte[PAGE], 0);
        }
        byte[] whole = dump.build();
        try (Vmcore vmcore = open(whole)) {
            assertThat(vmcore.incomplete()).isFalse();
        }
        try (Vmcore vmcore = open(Arrays.copyOf(whole, whole.length - 1))) {
            assertThat(vmcore.incomplete()).isTrue();
            assertThat(vmcore.missingPages()).isEqualTo(1);
            assertThat(vmcore.isStored(1)).isFalse();
            assertThat(vmcore.isStored(4999)).isTrue();
        }
    }

    /// Pages of text, each with data of its own, and the dump's file with bytes that cannot be read.
    private FaultyDumpFile faulty(int pages, FaultPlace place) throws IOException {
        var dump = new SplitDumpBuilder(pages);
        for (long pfn = 0; pfn < pages; pfn++) {
            dump.page(pfn, PagePattern.TEXT.page(pfn, SEED), PlainKdumpReader.ZSTD);
        }
        Path path = dump.write(directory.resolve("dump"));
        try (PlainKdumpReader plain = new PlainKdumpReader(path)) {
            long bad = place.of(plain);
            return new FaultyDumpFile(FileDumpFile.open(path), bad, bad + 1);
        }
    }

    private interface FaultPlace {
        long of(PlainKdumpReader dump) throws IOException;
    }

    private void losesOnly(long lost, FaultyDumpFile file, int pages) throws IOException {
        try (Vmcore vmcore = VmcoreOpener.open(file, warnings); PageReader reader = vmcore.newReader()) {
            assertThat(vmcore.incomplete()).isFalse();
            for (long first = 0; first < pages; first += 40) {
                int count = (int) Math.min(40, pages - first);
                byte[] bytes = read(reader, first * PAGE, count * PAGE, true);
                for (int i = 0; i < count; i++) {
                    long pfn = first + i;
                    byte[] expected = pfn == lost ? new byte[PAGE] : PagePattern.TEXT.page(pfn, SEED);
                    assertThat(Arrays.copyOfRange(bytes, i * PAGE, (i + 1) * PAGE)).as("pfn %d", pfn)
                            .isEqualTo(expected);
                    assertThat(vmcore.isStored(pfn)).as("pfn %d", pfn).isEqualTo(pfn != lost);
                }
            }
            assertThat(vmcore.unreadablePages()).isEqualTo(1);
            assertThat(vmcore.incomplete()).isTrue();
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("Input/output error");
    }

    @Test
    void losesOnlyThePageWhoseDataCannotBeRead() throws IOException {
        losesOnly(2101, faulty(4000, dump -> dump.descriptor(2101).offset() + 3), 4000);
    }

    @Test
    void losesOnlyThePageWhoseDescriptorCannotBeRead() throws IOException {
        losesOnly(3501, faulty(4000, dump -> dump.descriptorStart() + 3501 * 24 + 3), 4000);
    }

    @Test
    void losesTheFirstPageAlone() throws IOException {
        losesOnly(0, faulty(4000, dump -> dump.descriptor(0).offset()), 4000);
    }

    @Test
    void opensADumpWhoseErasedTextCannotBeRead() throws IOException {
        Path path = dump(200).eraseinfo("erase a.b\n").write(directory.resolve("dump"));
        long end = Files.size(path);
        var file = new FaultyDumpFile(FileDumpFile.open(path), end - 2, end);
        try (Vmcore vmcore = VmcoreOpener.open(file, warnings)) {
            holdsEveryPage(vmcore, 200);
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("eraseinfo: cannot be read: ")
                .endsWith("what was erased from the dump is not fully known");
    }

    @Test
    void failsCleanlyOnEveryPrefix() throws IOException {
        byte[] whole = dump(40).build();
        for (int length = 1; length < whole.length; length += length < 600 ? 7 : 997) {
            byte[] prefix = Arrays.copyOf(whole, length);
            try (Vmcore vmcore = open(prefix); PageReader reader = vmcore.newReader()) {
                read(reader, 0, 40 * PAGE, true);
                assertThat(vmcore.missingPages() + vmcore.unreadablePages()).as("prefix of %d", length)
                        .isPositive();
            } catch (DumpException refused) {
                assertThat(refused).as("prefix of %d", length).hasMessageStartingWith("[" + directory);
            }
        }
    }

    @Test
    void survivesAnyHeaders() throws IOException {
        byte[] whole = dump(60).build();
        for (long seed = 0; seed < 100; seed++) {
            var random = new SplittableRandom(seed);
            ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i <= random.nextInt(3); i++) {
                int at = random.nextBoolean() ? 400 + random.nextInt(64) : 4096 + random.nextInt(104);
                int value = random.nextBoolean() ? 1 << random.nextInt(32) : random.nextInt();
                bytes.putInt(Math.min(at & ~3, whole.length - 4), value);
            }
            try (Vmcore vmcore = open(bytes.array()); PageReader reader = vmcore.newReader()) {
                read(reader, 0, 60 * PAGE, true);
                vmcore.isStored(59);
            } catch (DumpException refused) {
                assertThat(refused).as("seed %d", seed).hasMessageStartingWith("[" + directory);
            }
        }
    }

    @Test
    void takesPagesOfTheSecondBitmapAloneForExisting() throws IOException {
        byte[] bytes = dump(200).build();
        int firstBitmap = 2 * PAGE;
        bytes[firstBitmap] = 0;
        try (Vmcore vmcore = open(bytes)) {
            var existing = new PageBitmap(200);
            vmcore.markExisting(new PfnRange(0, 8), existing);
            assertThat(existing.get(1)).isTrue();
            holdsEveryPage(vmcore, 200);
        }
        assertThat(warnings.list).hasSize(1).first().asString().contains("the 2nd has pages that the 1st has not");
    }

    @Test
    void refusesMachinesThatAreNotSupported() throws IOException {
        byte[] bytes = dump(200).machine("vax").build();
        assertThatThrownBy(() -> open(bytes)).isInstanceOf(UnsupportedDumpException.class)
                .hasMessageContaining("kdump main header: machine of utsname is \"vax\"; supported: ")
                .hasMessageContaining("x86_64");
        byte[] reversed = new SplitDumpBuilder(100, ByteOrder.BIG_ENDIAN).build();
        assertThatThrownBy(() -> open(reversed)).isInstanceOf(CorruptDumpException.class)
                .hasMessageContaining("byte order must be LITTLE_ENDIAN on x86_64 but was BIG_ENDIAN");
    }

    @Test
    void readsManyPagesInOneRead() throws IOException {
        var dump = new SplitDumpBuilder(256);
        for (long pfn = 0; pfn < 256; pfn++) {
            dump.page(pfn, PagePattern.TEXT.page(pfn, SEED), PlainKdumpReader.ZSTD);
        }
        Path path = dump.write(directory.resolve("dump"));
        var counted = new FaultyDumpFile(FileDumpFile.open(path), 0, 0);
        try (Vmcore vmcore = VmcoreOpener.open(counted, warnings); PageReader reader = vmcore.newReader()) {
            counted.reads.clear();
            read(reader, 0, 64 * PAGE, true);
            assertThat(counted.reads).hasSizeLessThanOrEqualTo(3);
        }
    }
}
