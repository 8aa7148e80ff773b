// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

import java.nio.ByteBuffer;

import dev.vmsieve.filter.bitmap.ChunkFile;

/// The records that a [RecordBuffer] was written to a file with.
final class StoredRecords implements SortedRecords {
    private static final int RECORD_BYTES = RecordBuffer.COLUMNS * Long.BYTES;
    /// Records that are read from the file at once.
    private static final int WINDOW = 32;
    private static final int NONE = -1;

    private final ChunkFile file;
    private final long place;
    private final int size;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW * RECORD_BYTES);
    /// First record in the window.
    private int first = NONE;

    /// @param place where in the file they begin
    StoredRecords(ChunkFile file, long place, int size) {
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
        return column(index, RecordBuffer.START);
    }

    @Override
    public long bytes(int index) {
        return column(index, RecordBuffer.BYTES);
    }

    @Override
    public long source(int index) {
        return column(index, RecordBuffer.SOURCE);
    }

    private long column(int index, int column) {
        int inWindow = index % WINDOW;
        if (first != index - inWindow) {
            first = NONE;
            file.read(place + (long) (index - inWindow) * RECORD_BYTES, window);
            first = index - inWindow;
        }
        return window.getLong(inWindow * RECORD_BYTES + column * Long.BYTES);
    }
}
