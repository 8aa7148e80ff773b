// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

/// Goes through sorted records, which stay as they are. For one thread.
final class RecordRun implements Comparable<RecordRun> {
    private final SortedRecords records;
    private int next;
    /// The record that was read last.
    private long start;
    private long bytes;
    private long source;

    RecordRun(SortedRecords records) {
        this.records = records;
    }

    /// Goes to the next record, the first one at first.
    ///
    /// @return false if there is none
    boolean advance() {
        if (next == records.size()) {
            return false;
        }
        start = records.start(next);
        bytes = records.bytes(next);
        source = records.source(next);
        next++;
        return true;
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
