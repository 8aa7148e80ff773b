// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// Which pages a file holds, and how many of them are not the vmcore's. Read by the plain readers of the fixtures, which
/// share no code with either program. Pages are of 4 KiB.
///
/// @param pages one bit a pfn
/// @param wrong pages that have other bytes than in the vmcore
/// @param zeroed pages of an ELF file that are zeroes but not so in the vmcore, and not among the wrong: a page with a
/// memory error in the middle of a segment is written so
record PageProof(BitSet pages, long wrong, long zeroed) {
    /// More than one page zeroed in so many is no matter of memory errors.
    private static final int PAGES_A_MEMORY_ERROR = 1000;
    private static final int SLICE = 1 << 14;

    /// A line for the report.
    ///
    /// @param holds false if it tells a fault of ours
    record Verdict(String line, boolean holds) {
        /// Nothing was compared.
        static final Verdict NONE = new Verdict("", true);
    }

    /// Reads every page of a kdump file or an ELF file, and holds it against the vmcore.
    static PageProof of(Path vmcore, Path dump, CaseKind.Form form) throws IOException {
        try (PlainElfReader source = new PlainElfReader(vmcore)) {
            if (form == CaseKind.Form.ELF) {
                try (PlainElfReader elf = new PlainElfReader(dump)) {
                    return new ElfPages(elf.headers()).prove(source, dump);
                }
            }
            try (PlainKdumpReader kdump = new PlainKdumpReader(dump)) {
                BitSet pages = BitSet.valueOf(kdump.bitmapBytes(true));
                return new PageProof(pages, count(pages, pfn -> Arrays.equals(source.page(pfn), kdump.page(pfn))), 0);
            }
        }
    }

    /// What is said of a page.
    interface Check {
        boolean good(long pfn) throws IOException;
    }

    /// How many pages are not good; by as many threads as there are processors.
    static long count(BitSet pages, Check check) throws IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            long wrong = 0;
            List<Future<Long>> slices = new ArrayList<>();
            for (int start = 0; start < pages.length(); start += SLICE) {
                slices.add(threads.submit(slice(pages, start, check)));
            }
            for (Future<Long> slice : slices) {
                wrong += slice.get();
            }
            return wrong;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private static Callable<Long> slice(BitSet pages, int start, Check check) {
        return () -> {
            long wrong = 0;
            for (int pfn = pages.nextSetBit(start); pfn >= 0 && pfn < start + SLICE; pfn = pages.nextSetBit(pfn + 1)) {
                wrong += check.good(pfn) ? 0 : 1;
            }
            return wrong;
        };
    }

    /// What our file comes to beside the peer's. Ours is at fault for a page that the peer leaves out, and for a page of
    /// other bytes; a page of the peer's only may be one with a memory error, which ours never reads.
    static Verdict compare(PageProof ours, PageProof peer) {
        BitSet onlyOurs = (BitSet) ours.pages.clone();
        onlyOurs.andNot(peer.pages);
        BitSet onlyPeer = (BitSet) peer.pages.clone();
        onlyPeer.andNot(ours.pages);
        long few = ours.pages.cardinality() / PAGES_A_MEMORY_ERROR;
        boolean holds = onlyOurs.isEmpty() && onlyPeer.cardinality() <= few && ours.wrong == 0 && ours.zeroed <= few;
        String pages = onlyOurs.isEmpty() && onlyPeer.isEmpty()
                ? "both hold the same " + ours.pages.cardinality() + " pages, "
                : "pages held by both " + (ours.pages.cardinality() - onlyOurs.cardinality()) + ", by ours only "
                        + onlyOurs.cardinality() + ", by the peer's only " + onlyPeer.cardinality() + ", ";
        return new Verdict(pages + bytes(ours, peer), holds);
    }

    private static String bytes(PageProof ours, PageProof peer) {
        String zeroed = ours.zeroed + peer.zeroed == 0
                ? ""
                : ", but for zeroes instead in " + ours.zeroed + " of ours, " + peer.zeroed
                        + " of the peer's";
        return (ours.wrong + peer.wrong == 0
                ? "each with the vmcore's bytes"
                : "with other bytes than the vmcore's: " + ours.wrong + " of ours, " + peer.wrong + " of the peer's")
                + zeroed;
    }
}
