// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.PagePattern;
import dev.vmsieve.fixtures.SegmentData;

/// Makes the dumps that benchmarks read: the same bytes each time.
final class BenchDumps {
    private static final long SEED = 20_261_120;
    private static final int PAGE_BYTES = PagePattern.PAGE_BYTES;
    /// A run of pages each; of 20 runs 5 are zero, 5 text, 7 pointers, 1 noise, 2 of one byte.
    private static final PagePattern[] MIXTURE = {PagePattern.ZERO, PagePattern.POINTERS, PagePattern.TEXT,
            PagePattern.POINTERS, PagePattern.ZERO, PagePattern.TEXT, PagePattern.POINTERS, PagePattern.CONSTANT,
            PagePattern.TEXT, PagePattern.ZERO, PagePattern.POINTERS, PagePattern.NOISE, PagePattern.POINTERS,
            PagePattern.TEXT, PagePattern.ZERO, PagePattern.POINTERS, PagePattern.CONSTANT, PagePattern.TEXT,
            PagePattern.POINTERS, PagePattern.ZERO};
    private static final int RUN_PAGES = 24;

    private BenchDumps() {}

    /// An ELF core of one segment with that many pages.
    static Path mixture(Path file, long pages) throws IOException {
        return new ElfCoreBuilder().prstatus(1).load(0, 0xffff888000000000L, pages * PAGE_BYTES, new Mixture())
                .write(file);
    }

    /// Removes a folder with all that is in it.
    static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static final class Mixture implements SegmentData {
        private final byte[] page = new byte[PAGE_BYTES];

        @Override
        public long nextData(long from) {
            return from;
        }

        @Override
        public void read(long offset, byte[] target, int targetOffset, int length) {
            int done = 0;
            while (done < length) {
                long at = offset + done;
                long pfn = at / PAGE_BYTES;
                int inPage = (int) (at % PAGE_BYTES);
                int bytes = Math.min(length - done, PAGE_BYTES - inPage);
                MIXTURE[(int) (pfn / RUN_PAGES % MIXTURE.length)].fill(pfn, SEED, page, 0);
                System.arraycopy(page, inPage, target, targetOffset + done, bytes);
                done += bytes;
            }
        }
    }
}
