// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.io.TempDir;

import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.PlainKdumpReader;
import dev.vmsieve.fixtures.SplitDumpBuilder;

/// Kdump-compressed dumps with pages of every method, with holes and excluded pages, and what they hold.
abstract class KdumpDumps {
    static final int PAGE = 4096;
    static final long SEED = 0x5eed;
    static final int INCOMPLETE = 8;
    private static final int[] METHODS = {0, PlainKdumpReader.ZLIB, PlainKdumpReader.SNAPPY, PlainKdumpReader.ZSTD};

    @TempDir
    Path directory;
    final Warnings warnings = new Warnings();

    Path file(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    Vmcore open(byte[] bytes) throws IOException {
        return VmcoreOpener.open(file("dump", bytes), new OpenOptions(true), warnings);
    }

    Vmcore openSplit(List<Path> paths) throws IOException {
        return VmcoreOpener.openSplit(paths, new OpenOptions(true), warnings);
    }

    static boolean isHole(long pfn) {
        return pfn % 7 == 0;
    }

    static boolean isExcluded(long pfn) {
        return !isHole(pfn) && pfn % 11 == 0;
    }

    static byte[] contents(long pfn) {
        if (isHole(pfn) || isExcluded(pfn)) {
            return new byte[PAGE];
        }
        PagePattern[] patterns = PagePattern.values();
        return patterns[(int) (pfn % patterns.length)].page(pfn, SEED);
    }

    static SplitDumpBuilder dump(long maxMapnr) throws IOException {
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

    static byte[] read(PageReader reader, long paddr, int bytes, boolean direct) throws IOException {
        ByteBuffer target = direct ? ByteBuffer.allocateDirect(bytes + 16) : ByteBuffer.allocate(bytes + 16);
        target.putLong(0, -1).putLong(bytes + 8, -1);
        reader.read(paddr, target, 8, bytes);
        assertThat(target.getLong(0)).isEqualTo(-1);
        assertThat(target.getLong(bytes + 8)).isEqualTo(-1);
        byte[] result = new byte[bytes];
        target.get(8, result);
        return result;
    }

    static void holdsEveryPage(Vmcore vmcore, long pages) throws IOException {
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
}
