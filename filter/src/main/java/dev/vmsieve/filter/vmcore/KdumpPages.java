// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PageRanks;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.format.kdump.KdumpFormat;
import dev.vmsieve.filter.format.kdump.KdumpLayout;
import dev.vmsieve.filter.format.kdump.KdumpPart;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;

/// Which pages a kdump-compressed dump has, and where the descriptor of each is: its two bitmaps, of which most stays in
/// the file, and a table of counts.
/// Immutable once made.
///
/// The descriptor of a page is the one with the number of pages dumped below it.
final class KdumpPages {
    /// Answer of [#partOf]: none of the parts at hand has the pfn.
    static final int NO_PART = -1;

    private final List<KdumpPart> parts;
    private final KdumpLayout layout;
    private final PageBitmap existing;
    private final PageBitmap dumped;
    private final boolean strayBits;
    private final PageRanks ranks;
    /// Pages dumped below each part's range.
    private final long[] partRanks;

    private KdumpPages(List<KdumpPart> parts, PageBitmap existing, PageBitmap dumped, boolean strayBits) {
        this.parts = parts;
        this.layout = parts.getFirst().headers().layout();
        this.existing = existing;
        this.dumped = dumped;
        this.strayBits = strayBits;
        this.ranks = new PageRanks(dumped);
        this.partRanks = new long[parts.size()];
        for (int i = 0; i < partRanks.length; i++) {
            partRanks[i] = ranks.below(parts.get(i).range().start());
        }
    }

    /// Reads both bitmaps from the first of the parts, which are in order.
    static KdumpPages read(List<KdumpPart> parts) throws IOException {
        KdumpPart first = parts.getFirst();
        KdumpLayout layout = first.headers().layout();
        long pfns = first.headers().maxMapnr();
        // makedumpfile clears the bits of a part for whose pages there was no room; the others still have them
        List<KdumpPart> second = first.headers().incomplete() ? parts : List.of(first);
        PageBitmap dumped = PageBitmap.of(pfns, new StoredBitmap(Optional.empty(), second), null);
        if (layout.bitmaps() == 1) {
            return new KdumpPages(parts, dumped, dumped, false);
        }
        PageBitmap existing = PageBitmap.of(pfns, new StoredBitmap(Optional.of(first), List.of()), null);
        boolean strayBits = !hasAll(existing, dumped);
        if (strayBits) {
            existing = PageBitmap.of(pfns, new StoredBitmap(Optional.of(first), second), null);
        }
        return new KdumpPages(parts, existing, dumped, strayBits);
    }

    private static boolean hasAll(PageBitmap existing, PageBitmap dumped) {
        for (long pfn = dumped.nextSet(0); pfn < dumped.size(); pfn = dumped.nextSet((pfn | 63) + 1)) {
            if ((dumped.word(pfn) & ~existing.word(pfn)) != 0) {
                return false;
            }
        }
        return true;
    }

    /// 1st bitmap, completed by the 2nd.
    PageBitmap existing() {
        return existing;
    }

    /// 2nd bitmap.
    PageBitmap dumped() {
        return dumped;
    }

    /// True if the 2nd bitmap has pages that the 1st has not.
    boolean strayBits() {
        return strayBits;
    }

    KdumpPart part(int index) {
        return parts.get(index);
    }

    DumpFile file(int index) {
        return parts.get(index).file();
    }

    int partCount() {
        return parts.size();
    }

    /// Index of the part whose range has the pfn, or [#NO_PART].
    int partOf(long pfn) {
        int low = 0;
        int high = parts.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            PfnRange range = parts.get(middle).range();
            if (pfn < range.start()) {
                high = middle - 1;
            } else if (pfn >= range.end()) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return NO_PART;
    }

    /// Tells how many descriptors all parts have before a page's.
    PageRanks.Cursor rankCursor() {
        return ranks.cursor();
    }

    /// Number of the page's descriptor among those of its part.
    long rankInPart(int part, long rank) {
        return rank - partRanks[part];
    }

    /// Number of descriptors that a part has.
    long pagesOf(int part) {
        return ranks.below(parts.get(part).range().end()) - partRanks[part];
    }

    /// Where in its file the descriptor with that number lies.
    long descriptorOffset(long rankInPart) {
        return layout.descriptorOffset(rankInPart);
    }

    /// Where every part has its first data: behind room for the descriptors of all pages.
    long dataOffset() {
        return layout.descriptorOffset(dumpedPages());
    }

    /// Number of bits in the 2nd bitmap.
    long dumpedPages() {
        return ranks.total();
    }

    /// Fills the target, all of it from its position to its limit, with bytes of a part's file.
    ///
    /// @param what what they are, for the message
    void readFully(int part, long offset, ByteBuffer target, String what) throws IOException {
        int wanted = target.remaining();
        int read = file(part).read(offset, target);
        if (read < wanted) {
            throw new CorruptDumpException("[" + part(part).name() + "] " + what + ": " + wanted
                    + " bytes at offset 0x" + Long.toHexString(offset) + " must be there but were " + read);
        }
    }

    /// Bytes in a page.
    int blockBytes() {
        return layout.blockBytes();
    }

    /// Bytes of a descriptor, for those who read several.
    static int descriptorBytes() {
        return KdumpFormat.DESCRIPTOR_BYTES;
    }
}
