// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.extent;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.filter.bitmap.ChunkFile;

/// Extents gathered, and then sorted by place; of two with the same place the one that comes first in the source leads. For
/// one thread.
final class ExtentBuffer implements SortedExtents {
    private static final int CHUNK_SHIFT = 10;
    private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
    /// Longs of an extent, in memory as in the file.
    static final int COLUMNS = 3;
    static final int START = 0;
    static final int BYTES = 1;
    static final int SOURCE = 2;

    /// Memory grows in chunks, so that no array is ever copied.
    private final List<long[]> chunks = new ArrayList<>();
    private int size;

    @Override
    public int size() {
        return size;
    }

    void add(long start, long bytes, long source) {
        if (size == (chunks.size() << CHUNK_SHIFT)) {
            chunks.add(new long[COLUMNS << CHUNK_SHIFT]);
        }
        size++;
        put(size - 1, START, start);
        put(size - 1, BYTES, bytes);
        put(size - 1, SOURCE, source);
    }

    /// Heap sort: in place, and never quadratic, whatever order a hostile file has.
    void sort() {
        if (isSorted()) {
            return;
        }
        for (int i = size / 2 - 1; i >= 0; i--) {
            sink(i, size);
        }
        for (int last = size - 1; last > 0; last--) {
            swap(0, last);
            sink(0, last);
        }
    }

    /// Writes the sorted extents, 24 bytes each: place, length, source.
    ///
    /// @return where in the file they begin; -1 if it cannot be written
    long writeTo(ChunkFile file) {
        ByteBuffer bytes = ByteBuffer.allocate((COLUMNS * Long.BYTES) << CHUNK_SHIFT);
        long first = -1;
        for (int chunk = 0; (chunk << CHUNK_SHIFT) < size; chunk++) {
            bytes.asLongBuffer().put(chunks.get(chunk));
            long at = file.append(bytes);
            if (at < 0) {
                return -1;
            }
            first = first < 0 ? at : first;
        }
        return first;
    }

    /// Empties it; the memory is used again.
    void clear() {
        size = 0;
    }

    @Override
    public long start(int index) {
        return get(index, START);
    }

    @Override
    public long bytes(int index) {
        return get(index, BYTES);
    }

    @Override
    public long source(int index) {
        return get(index, SOURCE);
    }

    private boolean isSorted() {
        for (int i = 1; i < size; i++) {
            if (isAfter(i - 1, i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isAfter(int a, int b) {
        long difference = get(a, START) - get(b, START);
        return difference > 0 || (difference == 0 && get(a, SOURCE) > get(b, SOURCE));
    }

    private void sink(int from, int limit) {
        int parent = from;
        while (2 * parent + 1 < limit) {
            int child = 2 * parent + 1;
            if (child + 1 < limit && isAfter(child + 1, child)) {
                child++;
            }
            if (!isAfter(child, parent)) {
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
