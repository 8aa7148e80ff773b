// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;

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
    /// @throws IOException if that descriptor cannot be read
    int seek(int part, long rank) throws IOException {
        if (part != windowPart || rank < firstRank || rank >= endRank) {
            fill(part, rank, (int) Math.min(DESCRIPTORS, pages.pagesOf(part) - rank));
        }
        return at(rank);
    }

    /// Where the system cannot read so many, half of them: the descriptors before the bad place are not lost with it.
    private void fill(int part, long rank, int most) throws IOException {
        windowPart = KdumpPages.NO_PART;
        for (int count = most;; count >>= 1) {
            bytes.clear().limit(count * KdumpPages.descriptorBytes());
            try {
                pages.readFully(part, pages.descriptorOffset(rank), bytes, "page descriptors");
                windowPart = part;
                firstRank = rank;
                endRank = rank + count;
                return;
            } catch (ClosedChannelException closed) {
                throw closed;
            } catch (IOException failed) {
                if (count <= 1) {
                    throw failed;
                }
            }
        }
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
