// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Page descriptors that follow one another, some hundred at a time; one reader's.
final class DescriptorWindow {
    private static final int DESCRIPTORS = 256;

    private final KdumpPages pages;
    /// Descriptors [firstRank, endRank) of the part.
    private final ByteBuffer bytes;
    private int windowPart = KdumpPages.NO_PART;
    private long firstRank;
    private long endRank;

    DescriptorWindow(KdumpPages pages, ByteOrder order) {
        this.pages = pages;
        this.bytes = ByteBuffer.allocateDirect(DESCRIPTORS * KdumpPages.descriptorBytes()).order(order);
    }

    /// Moves the window to where the part's descriptor with that number is, unless it has it.
    ///
    /// @return where in [#bytes] the descriptor is
    int seek(int part, long rank) throws IOException {
        if (part != windowPart || rank < firstRank || rank >= endRank) {
            windowPart = KdumpPages.NO_PART;
            int count = (int) Math.min(DESCRIPTORS, pages.pagesOf(part) - rank);
            bytes.clear().limit(count * KdumpPages.descriptorBytes());
            pages.readFully(part, pages.descriptorOffset(rank), bytes, "page descriptors");
            windowPart = part;
            firstRank = rank;
            endRank = rank + count;
        }
        return at(rank);
    }

    /// Where in [#bytes] a descriptor is that the window has.
    int at(long rank) {
        return (int) (rank - firstRank) * KdumpPages.descriptorBytes();
    }

    /// Number of the window's last descriptor, plus one.
    long endRank() {
        return endRank;
    }

    /// The descriptors, in the dump's byte order.
    ByteBuffer bytes() {
        return bytes;
    }
}
