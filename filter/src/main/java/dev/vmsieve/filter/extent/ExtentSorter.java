// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.extent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// Makes a table of extents that come in any order and may overlap, in bounded memory: they are sorted in runs that go to a
/// file, and merged in one go from the first place to the last. For one thread.
public final class ExtentSorter {
    /// Most extents that may lie above one another at one place without the lower ones ending first.
    public static final int MOST_OPEN = 4096;

    /// Extents that are sorted in memory at a time: 1.5 MiB.
    public static final int MOST_IN_MEMORY = 1 << 16;

    private final Winner winner;
    private final String tooDeep;
    private final ChunkFile file;
    private final List<ExtentRun> runs = new ArrayList<>();
    private final ExtentTable table;
    private ExtentBuffer current = new ExtentBuffer();
    private int size;
    /// Extents that go on at the place where the merge is, the winner last; so each ends before the one below it.
    private long[] starts = new long[4];
    private long[] ends = new long[4];
    private long[] sources = new long[4];
    private int open;
    /// Where the extent begins and ends that is to be added next, and where it comes from.
    private long start;
    private long end;
    private long source;

    /// Which of two extents counts where they overlap.
    public enum Winner {
        /// The one that comes first in the source. Of two that begin at the same place of it, the one with the higher place.
        FIRST,
        /// The one that comes last in the source.
        LAST
    }

    /// @param file where sorted runs go, and the table's leaves
    /// @param tooDeep message if more than [#MOST_OPEN] extents lie one above another
    public ExtentSorter(Winner winner, ChunkFile file, String tooDeep) {
        this.winner = winner;
        this.tooDeep = tooDeep;
        this.file = file;
        this.table = new ExtentTable(file);
    }

    /// Number of extents so far.
    public int size() {
        return size;
    }

    /// Adds an extent.
    ///
    /// @param bytes its length, at least 1
    /// @param at its place in the source
    public void add(long place, long bytes, long at) {
        if (current.size() == MOST_IN_MEMORY) {
            putAway();
        }
        current.add(place, bytes, at);
        size++;
    }

    private void putAway() {
        current.sort();
        long at = current.writeTo(file);
        if (at < 0) {
            runs.add(new ExtentRun(current));
            current = new ExtentBuffer();
        } else {
            runs.add(new ExtentRun(new StoredExtents(file, at, current.size())));
            current.clear();
        }
    }

    /// The table; nothing can be added any more.
    ///
    /// @throws UnsupportedDumpException if too many extents lie one above another
    public ExtentTable table() throws UnsupportedDumpException {
        current.sort();
        runs.add(new ExtentRun(current));
        PriorityQueue<ExtentRun> queue = new PriorityQueue<>();
        for (ExtentRun run : runs) {
            if (run.advance()) {
                queue.add(run);
            }
        }
        long place = 0;
        for (ExtentRun run = queue.poll(); run != null; run = queue.poll()) {
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

    /// Adds what lies between the two places: of the extents that go on there, the winner.
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

    /// Opens an extent, unless one that wins hides all of it; those that it hides to their ends are closed.
    private void lay(long from, long to, long at) throws UnsupportedDumpException {
        int above = open;
        while (above > 0 && wins(sources[above - 1], at)) {
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
            throw new UnsupportedDumpException(tooDeep);
        }
        makeRoom(open - above + below + 1);
        move(above, below + 1);
        starts[below] = from;
        ends[below] = to;
        sources[below] = at;
    }

    private boolean wins(long openSource, long newSource) {
        return winner == Winner.LAST ? openSource > newSource : openSource < newSource;
    }

    private void makeRoom(int wanted) {
        if (wanted > starts.length) {
            starts = Arrays.copyOf(starts, 2 * wanted);
            ends = Arrays.copyOf(ends, 2 * wanted);
            sources = Arrays.copyOf(sources, 2 * wanted);
        }
    }

    /// Moves the open extents from `from` on to `to` on.
    private void move(int from, int to) {
        System.arraycopy(starts, from, starts, to, open - from);
        System.arraycopy(ends, from, ends, to, open - from);
        System.arraycopy(sources, from, sources, to, open - from);
        open += to - from;
    }

    /// Adds an extent, or lengthens the last one if it goes on.
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
