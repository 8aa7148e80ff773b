// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

import java.nio.ByteBuffer;
import java.util.Optional;

import dev.vmsieve.filter.bitmap.ChunkFile;

/// Sorted records of a flattened file, to be read one by one: from a [RecordBuffer], or from the file that one was written
/// to. For one thread.
final class RecordRun implements Comparable<RecordRun> {
    private static final int RECORD_BYTES = 3 * Long.BYTES;
    /// Records that are read from the file at once.
    private static final int WINDOW = 32;

    private final Optional<RecordBuffer> buffer;
    private final ChunkFile file;
    private final long place;
    private final int size;
    private final ByteBuffer window;
    private int next;
    /// The record that was read last.
    private long start;
    private long bytes;
    private long source;

    /// Records in memory, which stay as they are.
    RecordRun(RecordBuffer buffer, ChunkFile unused) {
        this(Optional.of(buffer), unused, 0, buffer.size(), 0);
    }

    /// Records in the file, from the place on.
    RecordRun(ChunkFile file, long place, int size) {
        this(Optional.empty(), file, place, size, WINDOW * RECORD_BYTES);
    }

    private RecordRun(Optional<RecordBuffer> buffer, ChunkFile file, long place, int size, int windowBytes) {
        this.buffer = buffer;
        this.file = file;
        this.place = place;
        this.size = size;
        this.window = ByteBuffer.allocate(windowBytes);
    }

    /// Goes to the next record, the first one at first.
    ///
    /// @return false if there is none
    boolean advance() {
        if (next == size) {
            return false;
        }
        if (buffer.isPresent()) {
            start = buffer.get().start(next);
            bytes = buffer.get().bytes(next);
            source = buffer.get().source(next);
        } else {
            fetch();
        }
        next++;
        return true;
    }

    private void fetch() {
        if (next % WINDOW == 0) {
            file.read(place + (long) next * RECORD_BYTES, window);
        }
        int at = next % WINDOW * RECORD_BYTES;
        start = window.getLong(at);
        bytes = window.getLong(at + Long.BYTES);
        source = window.getLong(at + 2 * Long.BYTES);
    }

    /// Of the record that [#advance] went to: place in the dump file.
    long start() {
        return start;
    }

    /// Of that record: its length.
    long bytes() {
        return bytes;
    }

    /// Of that record: place in the flattened file.
    long source() {
        return source;
    }

    /// By the records that the two are at.
    @Override
    public int compareTo(RecordRun other) {
        int byStart = Long.compare(start, other.start);
        return byStart != 0 ? byStart : Long.compare(source, other.source);
    }
}
