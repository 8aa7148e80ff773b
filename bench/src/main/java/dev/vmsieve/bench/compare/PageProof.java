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
import dev.vmsieve.fixtures.PlainElfReader.Header;
import dev.vmsieve.fixtures.PlainKdumpReader;

/// Which pages a file holds, and how many of them are not the vmcore's. Read by the plain readers of the fixtures, which
/// share no code with either program.
///
/// @param pages one bit a pfn
/// @param wrong pages that have other bytes than in the vmcore
record PageProof(BitSet pages, long wrong) {
    private static final int PAGE_BYTES = 4096;
    private static final int SLICE = 1 << 14;

    /// Reads every page of a kdump file or an ELF file, and holds it against the vmcore.
    static PageProof of(Path vmcore, Path dump, CaseKind.Form form) throws IOException {
        try (PlainElfReader source = new PlainElfReader(vmcore)) {
            if (form == CaseKind.Form.ELF) {
                return ofElf(source, dump);
            }
            try (PlainKdumpReader kdump = new PlainKdumpReader(dump)) {
                BitSet pages = BitSet.valueOf(kdump.bitmapBytes(true));
                return new PageProof(pages, count(pages, pfn -> Arrays.equals(source.page(pfn), kdump.page(pfn))));
            }
        }
    }

    private static PageProof ofElf(PlainElfReader source, Path dump) throws IOException {
        try (PlainElfReader elf = new PlainElfReader(dump)) {
            BitSet pages = new BitSet();
            for (Header header : elf.headers()) {
                if (header.type() == 1 && header.filesz() > 0) {
                    long end = (header.paddr() + header.filesz() + PAGE_BYTES - 1) / PAGE_BYTES;
                    pages.set((int) (header.paddr() / PAGE_BYTES), Math.toIntExact(end));
                }
            }
            return new PageProof(pages, new ElfPages(elf.headers()).countWrong(source, dump));
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

    /// One line about our file and the peer's.
    static String line(PageProof ours, PageProof peer) {
        BitSet onlyOurs = (BitSet) ours.pages.clone();
        onlyOurs.andNot(peer.pages);
        BitSet onlyPeer = (BitSet) peer.pages.clone();
        onlyPeer.andNot(ours.pages);
        String bytes = ours.wrong + peer.wrong == 0
                ? "each with the vmcore's bytes"
                : "with other bytes than the vmcore's: " + ours.wrong + " of ours, " + peer.wrong + " of the peer's";
        if (onlyOurs.isEmpty() && onlyPeer.isEmpty()) {
            return "both hold the same " + ours.pages.cardinality() + " pages, " + bytes;
        }
        return "pages held by both " + (ours.pages.cardinality() - onlyOurs.cardinality()) + ", by ours only "
                + onlyOurs.cardinality() + ", by the peer's only " + onlyPeer.cardinality() + ", " + bytes;
    }
}
