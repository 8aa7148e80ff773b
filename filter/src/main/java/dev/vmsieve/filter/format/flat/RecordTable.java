// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Which part of a flattened file holds which part of the dump file: 24 bytes a record, sorted once and then immutable.
///
/// Memory grows in chunks, so that no array is ever copied. Filled by one thread; any thread may look up what was
/// sorted before.
final class RecordTable {
    private static final int CHUNK_SHIFT = 13;
    private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
    private static final int COLUMNS = 3;
    /// Columns: place in the dump file, length, place in the flattened file; all in bytes.
    private static final int START = 0;
    private static final int BYTES = 1;
    private static final int SOURCE = 2;

    private final List<long[]> chunks = new ArrayList<>();
    private int size;

    /// A run of data in the making of a table without overlaps.
    private record Piece(long end, long source) {}

    int size() {
        return size;
    }

    void add(long start, long bytes, long source) {
        if ((size & CHUNK_MASK) == 0) {
            chunks.add(new long[COLUMNS << CHUNK_SHIFT]);
        }
        size++;
        put(size - 1, START, start);
        put(size - 1, BYTES, bytes);
        put(size - 1, SOURCE, source);
    }

    long start(int index) {
        return get(index, START);
    }

    long end(int index) {
        return get(index, START) + get(index, BYTES);
    }

    long source(int index) {
        return get(index, SOURCE);
    }

    /// Sorts by place in the dump file.
    void sort() {
        sortBy(START);
    }

    /// True if two records of the sorted table cover the same byte.
    boolean overlaps() {
        for (int i = 1; i < size; i++) {
            if (end(i - 1) > start(i)) {
                return true;
            }
        }
        return false;
    }

    /// The same table with each byte covered once: by the record that came last in the flattened file.
    RecordTable withoutOverlaps() {
        sortBy(SOURCE);
        NavigableMap<Long, Piece> pieces = new TreeMap<>();
        for (int i = 0; i < size; i++) {
            lay(pieces, start(i), end(i), source(i));
        }
        var table = new RecordTable();
        for (Map.Entry<Long, Piece> piece : pieces.entrySet()) {
            long start = piece.getKey();
            table.add(start, piece.getValue().end - start, piece.getValue().source);
        }
        return table;
    }

    /// Index of the last record of the sorted table that starts at or before the place; -1 if there is none.
    int floor(long place) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (start(middle) <= place) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    private static void lay(NavigableMap<Long, Piece> pieces, long start, long end, long source) {
        Map.Entry<Long, Piece> before = pieces.lowerEntry(start);
        if (before != null && before.getValue().end > start) {
            Piece cut = before.getValue();
            pieces.put(before.getKey(), new Piece(start, cut.source));
            if (cut.end > end) {
                pieces.put(end, new Piece(cut.end, cut.source + (end - before.getKey())));
            }
        }
        Iterator<Map.Entry<Long, Piece>> covered = pieces.subMap(start, end).entrySet().iterator();
        long tailStart = -1;
        Piece tail = new Piece(0, 0);
        while (covered.hasNext()) {
            Map.Entry<Long, Piece> next = covered.next();
            if (next.getValue().end > end) {
                tailStart = next.getKey();
                tail = next.getValue();
            }
            covered.remove();
        }
        if (tailStart >= 0) {
            pieces.put(end, new Piece(tail.end, tail.source + (end - tailStart)));
        }
        pieces.put(start, new Piece(end, source));
    }

    /// Heap sort: in place, and never quadratic, whatever order a hostile file has.
    private void sortBy(int column) {
        if (isSortedBy(column)) {
            return;
        }
        for (int i = size / 2 - 1; i >= 0; i--) {
            sink(i, size, column);
        }
        for (int last = size - 1; last > 0; last--) {
            swap(0, last);
            sink(0, last, column);
        }
    }

    private boolean isSortedBy(int column) {
        for (int i = 1; i < size; i++) {
            if (get(i - 1, column) > get(i, column)) {
                return false;
            }
        }
        return true;
    }

    private void sink(int from, int limit, int column) {
        int parent = from;
        while (2 * parent + 1 < limit) {
            int child = 2 * parent + 1;
            if (child + 1 < limit && get(child, column) < get(child + 1, column)) {
                child++;
            }
            if (get(parent, column) >= get(child, column)) {
                return;
            }
            swap(parent, child);
            parent = child;
        }
    }

    private void swap(int a, int b) {
        for (int column = 0; column < COLUMNS; column++) {
            long value = get(a, column);
            put(a, column, get(b, column));
            put(b, column, value);
        }
    }

    private long get(int index, int column) {
        return chunks.get(index >>> CHUNK_SHIFT)[(index & CHUNK_MASK) * COLUMNS + column];
    }

    private void put(int index, int column, long value) {
        chunks.get(index >>> CHUNK_SHIFT)[(index & CHUNK_MASK) * COLUMNS + column] = value;
    }
}
