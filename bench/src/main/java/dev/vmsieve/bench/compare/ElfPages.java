// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.PlainElfReader.Header;

/// The pages of an ELF dump, segment by segment: it has thousands of segments, too many to look for each page in all.
record ElfPages(List<Header> headers) {
    private static final int PAGE_BYTES = 4096;

    /// Holds each page against the source.
    PageProof prove(PlainElfReader source, Path dump) throws IOException {
        BitSet pages = new BitSet();
        long wrong = 0;
        long zeroed = 0;
        try (FileChannel file = FileChannel.open(dump, StandardOpenOption.READ)) {
            for (Header header : headers) {
                if (header.type() == 1) {
                    for (long at = 0; at < header.filesz(); at += PAGE_BYTES) {
                        int bytes = (int) Math.min(PAGE_BYTES, header.filesz() - at);
                        byte[] page = read(file, header.offset() + at, bytes);
                        boolean same = Arrays.equals(page, expected(source, header.paddr() + at, bytes));
                        boolean zero = page.length == bytes && PlainElfReader.isZero(page);
                        pages.set(Math.toIntExact((header.paddr() + at) / PAGE_BYTES));
                        wrong += same || zero ? 0 : 1;
                        zeroed += !same && zero ? 1 : 0;
                    }
                }
            }
        }
        return new PageProof(pages, wrong, zeroed);
    }

    /// What is there of the page: less at the end of the file.
    private static byte[] read(FileChannel file, long offset, int bytes) throws IOException {
        ByteBuffer page = ByteBuffer.allocate(bytes);
        while (page.hasRemaining() && file.read(page, offset + page.position()) >= 0) {
        }
        return Arrays.copyOf(page.array(), page.position());
    }

    private static byte[] expected(PlainElfReader source, long physical, int bytes) throws IOException {
        int inPage = (int) (physical % PAGE_BYTES);
        return Arrays.copyOfRange(source.page(physical / PAGE_BYTES), inPage, Math.min(PAGE_BYTES, inPage + bytes));
    }
}
