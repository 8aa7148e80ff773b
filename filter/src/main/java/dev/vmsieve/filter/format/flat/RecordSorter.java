// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// Makes the table of a flattened file from its records, in bounded memory: they are sorted in runs that go to a file, and
/// merged in one go from the dump file's beginning to its end. Where records overlap the one that came last in the
/// flattened file counts. For one thread.
final class RecordSorter {
    /// Most records that may lie above one another at one place without the lower ones ending first.
    static final int MOST_OPEN = 4096;

    private final String name;
    private final ChunkFile file;
    private final List<RecordRun> runs = new ArrayList<>();
    private final RecordTable table;
    private RecordBuffer current = new RecordBuffer();
    private int size;
    /// Records that go on at the place where the merge is, the newest last; so each ends before the one below it.
    private final long[] starts = new long[MOST_OPEN];
    private final long[] ends = new long[MOST_OPEN];
    private final long[] sources = new long[MOST_OPEN];
    private int open;
    /// Where the entry begins and ends that is to be added next, and where it comes from.
    private long start;
    private long end;
    private long source;

    /// @param name of the flattened file, for messages
    RecordSorter(String name, ChunkFile file) {
        this.name = name;
        this.file = file;
        this.table = new RecordTable(file);
    }

    /// Number of records so far.
    int size() {
        return size;
    }

    /// Adds a record; each lies behind the one before it in the flattened file.
    void add(long place, long bytes, long at) {
        if (current.size() == RecordBuffer.MOST) {
            putAway();
        }
        current.add(place, bytes, at);
        size++;
    }

    private void putAway() {
        current.sort();
        long at = current.writeTo(file);
        if (at < 0) {
            runs.add(new RecordRun(current));
            current = new RecordBuffer();
        } else {
            runs.add(new RecordRun(new StoredRecords(file, at, current.size())));
            current.clear();
        }
    }

    /// The table; nothing can be added any more.
    RecordTable table() throws UnsupportedDumpException {
        current.sort();
        runs.add(new RecordRun(current));
        PriorityQueue<RecordRun> queue = new PriorityQueue<>();
        for (RecordRun run : runs) {
            if (run.advance()) {
                queue.add(run);
            }
        }
        long place = 0;
        for (RecordRun run = queue.poll(); run != null; run = queue.poll()) {
            goTo(place, run.start());
            place = run.start();
            lay(place, place + run.bytes(), run.source());
            if (run.advance()) {
                queue.add(run);
            }
        }
        goTo(place, Long.MAX_VALUE);
        flush();
        return table;
    }

    /// Adds what lies between the two places: of the records that go on there, the newest.
    private void goTo(long from, long to) {
        long at = from;
        while (open > 0 && at < to) {
            int top = open - 1;
            long stop = Math.min(ends[top], to);
            if (stop > at) {
                put(at, stop, sources[top] + (at - starts[top]));
                at = stop;
            }
            if (ends[top] <= at) {
                open--;
            }
        }
    }

    /// Opens a record, unless a newer one hides all of it; older ones that it hides to their ends are closed.
    private void lay(long from, long to, long at) throws UnsupportedDumpException {
        int above = open;
        while (above > 0 && sources[above - 1] > at) {
            above--;
        }
        if (above < open && ends[above] >= to) {
            return;
        }
        int below = above;
        while (below > 0 && ends[below - 1] <= to) {
            below--;
        }
        if (open - above + below + 1 > MOST_OPEN) {
            throw new UnsupportedDumpException("[" + name + "] flattened file: has more than " + MOST_OPEN
                    + " records one above another; rearrange it first (-R)");
        }
        move(above, below + 1);
        starts[below] = from;
        ends[below] = to;
        sources[below] = at;
    }

    /// Moves the open records from `from` on to `to` on.
    private void move(int from, int to) {
        System.arraycopy(starts, from, starts, to, open - from);
        System.arraycopy(ends, from, ends, to, open - from);
        System.arraycopy(sources, from, sources, to, open - from);
        open += to - from;
    }

    /// Adds an entry, or lengthens the last one if it goes on.
    private void put(long from, long to, long at) {
        if (from == end && at - source == from - start) {
            end = to;
            return;
        }
        flush();
        start = from;
        end = to;
        source = at;
    }

    private void flush() {
        if (end > start) {
            table.add(start, end - start, source);
        }
    }
}
