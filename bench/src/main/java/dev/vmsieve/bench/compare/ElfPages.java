// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

import dev.vmsieve.fixtures.PlainElfReader;
import dev.vmsieve.fixtures.PlainElfReader.Header;

/// The pages of an ELF dump, segment by segment: it has thousands of segments, too many to look for each page in all.
record ElfPages(List<Header> headers) {
    private static final int PAGE_BYTES = 4096;

    /// How many pages have other bytes than the source.
    long countWrong(PlainElfReader source, Path dump) throws IOException {
        long wrong = 0;
        try (FileChannel file = FileChannel.open(dump, StandardOpenOption.READ)) {
            for (Header header : headers) {
                if (header.type() == 1) {
                    for (long at = 0; at < header.filesz(); at += PAGE_BYTES) {
                        int bytes = (int) Math.min(PAGE_BYTES, header.filesz() - at);
                        wrong += same(source, header.paddr() + at, file, header.offset() + at, bytes) ? 0 : 1;
                    }
                }
            }
        }
        return wrong;
    }

    private static boolean same(PlainElfReader source, long physical, FileChannel file, long offset, int bytes)
            throws IOException {
        ByteBuffer page = ByteBuffer.allocate(bytes);
        while (page.hasRemaining()) {
            if (file.read(page, offset + page.position()) < 0) {
                return false;
            }
        }
        int inPage = (int) (physical % PAGE_BYTES);
        byte[] expected = source.page(physical / PAGE_BYTES);
        return Arrays.equals(page.array(), Arrays.copyOfRange(expected, inPage, Math.min(PAGE_BYTES, inPage + bytes)));
    }
}
