// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.extent;

import java.nio.ByteBuffer;

import dev.vmsieve.filter.bitmap.ChunkFile;

/// The extents that an [ExtentBuffer] was written to a file with.
final class StoredExtents implements SortedExtents {
    private static final int EXTENT_BYTES = ExtentBuffer.COLUMNS * Long.BYTES;
    /// Extents that are read from the file at once.
    private static final int WINDOW = 32;
    private static final int NONE = -1;

    private final ChunkFile file;
    private final long place;
    private final int size;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW * EXTENT_BYTES);
    /// First extent in the window.
    private int first = NONE;

    /// @param place where in the file they begin
    StoredExtents(ChunkFile file, long place, int size) {
        this.file = file;
        this.place = place;
        this.size = size;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public long start(int index) {
        return column(index, ExtentBuffer.START);
    }

    @Override
    public long bytes(int index) {
        return column(index, ExtentBuffer.BYTES);
    }

    @Override
    public long source(int index) {
        return column(index, ExtentBuffer.SOURCE);
    }

    private long column(int index, int column) {
        int inWindow = index % WINDOW;
        if (first != index - inWindow) {
            first = NONE;
            file.read(place + (long) (index - inWindow) * EXTENT_BYTES, window);
            first = index - inWindow;
        }
        return window.getLong(inWindow * EXTENT_BYTES + column * Long.BYTES);
    }
}
