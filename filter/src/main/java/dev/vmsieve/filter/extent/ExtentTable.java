// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.extent;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.bitmap.ChunkFile;

/// Which part of a source, a file, holds which part of what it stands for, of the dump file or of memory, each byte covered
/// at most once: 24 bytes an extent, by place.
///
/// Extents lie in leaves of 1024. The first 32 leaves are in memory, enough for some GB of flattened dump; the others go to a file,
/// and of each the first place stays, 16 bytes. Filled by one thread; then any thread may look up.
@SuppressWarnings({"ReferenceEquality", "ThreadLocalUsage"}) // a leaf is a marker; each table has its own windows
public final class ExtentTable {
    private static final int LEAF_SHIFT = 10;
    private static final int LEAF_EXTENTS = 1 << LEAF_SHIFT;
    private static final int LEAF_MASK = LEAF_EXTENTS - 1;
    private static final int COLUMNS = 3;
    /// Columns: place, length, place in the source; all in bytes.
    private static final int START = 0;
    private static final int BYTES = 1;
    private static final int SOURCE = 2;
    private static final int MOST_IN_MEMORY = 32;
    /// Leaves of the file that a thread has at hand: one each for descriptors, data and something else.
    private static final int WINDOWS = 3;
    private static final int NONE = -1;
    private static final long[] AWAY = {};

    private final ChunkFile file;
    /// [#AWAY] for one that is in the file.
    private final List<long[]> leaves = new ArrayList<>();
    /// First place and, where it is in the file, place there of each leaf; as many as leaves are complete.
    private long[] firsts = {};
    private long[] places = {};
    /// Made when the first leaf goes to the file.
    private @Nullable ByteBuffer bytes;
    private int size;
    private final ThreadLocal<@Nullable Windows> windows = new ThreadLocal<>();

    /// @param file where leaves go; where it cannot be written they stay in memory
    ExtentTable(ChunkFile file) {
        this.file = file;
    }

    /// Number of extents.
    public int size() {
        return size;
    }

    /// Adds an extent behind all others.
    void add(long start, long bytes, long source) {
        int at = size & LEAF_MASK;
        if (at == 0) {
            leaves.add(putAway());
            rememberFirst(leaves.size() - 1, start);
        }
        long[] leaf = leaves.getLast();
        leaf[at * COLUMNS + START] = start;
        leaf[at * COLUMNS + BYTES] = bytes;
        leaf[at * COLUMNS + SOURCE] = source;
        size++;
    }

    private void rememberFirst(int index, long start) {
        if (index == firsts.length) {
            firsts = Arrays.copyOf(firsts, Math.max(MOST_IN_MEMORY, 2 * index));
            places = Arrays.copyOf(places, firsts.length);
        }
        firsts[index] = start;
    }

    /// Moves the last leaf, which is full, to the file if there are enough in memory.
    ///
    /// @return an array for the next one
    private long[] putAway() {
        if (leaves.size() > MOST_IN_MEMORY) {
            long[] leaf = leaves.getLast();
            if (bytes == null) {
                bytes = ByteBuffer.allocate((COLUMNS * Long.BYTES) << LEAF_SHIFT);
            }
            bytes.asLongBuffer().put(leaf);
            long place = file.append(bytes);
            if (place >= 0) {
                places[leaves.size() - 1] = place;
                leaves.set(leaves.size() - 1, AWAY);
                return leaf;
            }
        }
        return new long[COLUMNS << LEAF_SHIFT];
    }

    /// Where an extent starts.
    public long start(int index) {
        return get(index, START);
    }

    /// Where an extent ends, exclusive.
    public long end(int index) {
        return get(index, START) + get(index, BYTES);
    }

    /// Where an extent starts in the source.
    public long source(int index) {
        return get(index, SOURCE);
    }

    /// Index of the last extent that starts at or before the place; -1 if there is none.
    public int floor(long place) {
        int low = 0;
        int high = leaves.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (firsts[middle] <= place) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high < 0 ? NONE : floorInLeaf(high, place);
    }

    private int floorInLeaf(int leaf, long place) {
        int low = leaf << LEAF_SHIFT;
        int high = Math.min(low + LEAF_EXTENTS, size) - 1;
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

    private long get(int index, int column) {
        long[] leaf = leaves.get(index >>> LEAF_SHIFT);
        return (leaf == AWAY ? fetched(index >>> LEAF_SHIFT) : leaf)[(index & LEAF_MASK) * COLUMNS + column];
    }

    /// What a thread read last of the file; the next leaf takes the place of the one that came first.
    private static final class Windows {
        final int[] held = new int[WINDOWS];
        final long[][] leaves = new long[WINDOWS][COLUMNS << LEAF_SHIFT];
        final ByteBuffer bytes = ByteBuffer.allocateDirect((COLUMNS * Long.BYTES) << LEAF_SHIFT);
        int oldest;
    }

    private long[] fetched(int index) {
        Windows own = windows.get();
        if (own == null) {
            own = new Windows();
            Arrays.fill(own.held, NONE);
            windows.set(own);
        }
        for (int i = 0; i < WINDOWS; i++) {
            if (own.held[i] == index) {
                return own.leaves[i];
            }
        }
        int slot = own.oldest;
        own.oldest = (slot + 1) % WINDOWS;
        own.held[slot] = NONE;
        file.read(places[index], own.bytes);
        own.bytes.asLongBuffer().get(own.leaves[slot]);
        own.held[slot] = index;
        return own.leaves[slot];
    }
}
