// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// Which bytes of physical memory are stored, and where: disjoint ranges in ascending order, in three arrays.
///
/// Segments may overlap; a byte that several store is taken from the first of them in file order. That is decided once,
/// when the ranges are built (in n log n steps), so that a look-up is a binary search. Immutable.
final class StoredRanges {
    private final long[] starts;
    private final long[] ends;
    private final long[] fileOffsets;

    private StoredRanges(long[] starts, long[] ends, long[] fileOffsets) {
        this.starts = starts;
        this.ends = ends;
        this.fileOffsets = fileOffsets;
    }

    /// The ranges of the segments, given in file order.
    static StoredRanges of(List<Segment> segments) {
        return new Builder(segments).build();
    }

    /// Number of ranges.
    int count() {
        return starts.length;
    }

    /// First byte of a range.
    long start(int range) {
        return starts[range];
    }

    /// Byte behind a range.
    long end(int range) {
        return ends[range];
    }

    /// Where a range starts in the file.
    long fileOffset(int range) {
        return fileOffsets[range];
    }

    /// The first range that ends behind the address; [#count] if there is none.
    int firstEndingAfter(long paddr) {
        int low = 0;
        int high = ends.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] <= paddr) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// True if some byte from start to end, exclusive, is stored.
    boolean anyIn(long start, long end) {
        int range = firstEndingAfter(start);
        return range < starts.length && starts[range] < end;
    }

    /// The sweep over all places where a segment starts or ends.
    private static final class Builder {
        private static final Comparator<Piece> BY_START = new Comparator<>() {
            @Override
            public int compare(Piece a, Piece b) {
                return Long.compare(a.start, b.start);
            }
        };

        private final Piece[] pieces;
        private final long[] edges;
        private long[] starts = new long[8];
        private long[] ends = new long[8];
        private long[] fileOffsets = new long[8];
        private int count;

        Builder(List<Segment> segments) {
            Piece[] all = new Piece[segments.size()];
            int used = 0;
            for (int i = 0; i < all.length; i++) {
                Segment segment = segments.get(i);
                if (segment.storedBytes() > 0) {
                    all[used++] = new Piece(segment.paddr(), segment.paddr() + segment.storedBytes(),
                            segment.fileOffset(), i);
                }
            }
            pieces = Arrays.copyOf(all, used);
            Arrays.sort(pieces, BY_START);
            edges = new long[2 * used];
            for (int i = 0; i < used; i++) {
                edges[2 * i] = pieces[i].start;
                edges[2 * i + 1] = pieces[i].end;
            }
            Arrays.sort(edges);
        }

        StoredRanges build() {
            PriorityQueue<Piece> open = new PriorityQueue<>();
            int next = 0;
            for (int i = 0; i + 1 < edges.length; i++) {
                while (next < pieces.length && pieces[next].start == edges[i]) {
                    open.add(pieces[next++]);
                }
                while (!open.isEmpty() && open.element().end <= edges[i]) {
                    open.remove();
                }
                if (edges[i] < edges[i + 1] && !open.isEmpty()) {
                    Piece first = open.element();
                    add(edges[i], edges[i + 1], first.fileOffset + edges[i] - first.start);
                }
            }
            return new StoredRanges(Arrays.copyOf(starts, count), Arrays.copyOf(ends, count),
                    Arrays.copyOf(fileOffsets, count));
        }

        private void add(long start, long end, long fileOffset) {
            if (count > 0) {
                int last = count - 1;
                if (ends[last] == start && fileOffsets[last] + ends[last] - starts[last] == fileOffset) {
                    ends[last] = end;
                    return;
                }
            }
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, 2 * count);
                ends = Arrays.copyOf(ends, 2 * count);
                fileOffsets = Arrays.copyOf(fileOffsets, 2 * count);
            }
            starts[count] = start;
            ends[count] = end;
            fileOffsets[count++] = fileOffset;
        }
    }

    /// A segment's stored part; in a queue the one that comes first in the file leads.
    private static final class Piece implements Comparable<Piece> {
        final long start;
        final long end;
        final long fileOffset;
        private final int order;

        Piece(long start, long end, long fileOffset, int order) {
            this.start = start;
            this.end = end;
            this.fileOffset = fileOffset;
            this.order = order;
        }

        @Override
        public int compareTo(Piece other) {
            return Integer.compare(order, other.order);
        }
    }
}
