// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.extent;

/// Goes through sorted extents, which stay as they are. For one thread.
final class ExtentRun implements Comparable<ExtentRun> {
    private final SortedExtents extents;
    private int next;
    /// The extent that was read last.
    private long start;
    private long bytes;
    private long source;

    ExtentRun(SortedExtents extents) {
        this.extents = extents;
    }

    /// Goes to the next extent, the first one at first.
    ///
    /// @return false if there is none
    boolean advance() {
        if (next == extents.size()) {
            return false;
        }
        start = extents.start(next);
        bytes = extents.bytes(next);
        source = extents.source(next);
        next++;
        return true;
    }

    /// Of the extent that [#advance] went to: its place.
    long start() {
        return start;
    }

    /// Of that extent: its length.
    long bytes() {
        return bytes;
    }

    /// Of that extent: its place in the source.
    long source() {
        return source;
    }

    /// By the extents that the two are at.
    @Override
    public int compareTo(ExtentRun other) {
        int byStart = Long.compare(start, other.start);
        return byStart != 0 ? byStart : Long.compare(source, other.source);
    }
}
