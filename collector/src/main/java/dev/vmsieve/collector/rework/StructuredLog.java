// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.progress.Progress;

/// The log of kernels 3.5 to 5.9: records of variable length in a ring, each a header, its text, and a dictionary.
///
/// A header whose length is 0 says that the next record lies at the ring's start. The walk is checked at each step to
/// stay inside the ring, to go forward, and to wrap at most once, so damaged records end it.
final class StructuredLog {
    private static final long NOT_FOUND = -1;

    private final LogKeys keys;
    private final Progress progress;
    private final int headerBytes;
    private final int timeOffset;
    private final int lengthOffset;
    private final int textLengthOffset;
    private final int callerOffset;
    private final long ringBytes;
    private final long first;
    private final long next;
    private final LogWindow ring;
    private long records;

    StructuredLog(LogKeys keys, Progress progress) throws IOException {
        this.keys = keys;
        this.progress = progress;
        // renamed in Linux commit 62e32ac3505a (in v3.11)
        String struct = keys.hasSize("printk_log") ? "printk_log" : "log";
        headerBytes = keys.size(struct);
        timeOffset = keys.offset(struct, "ts_nsec", Long.BYTES, headerBytes);
        lengthOffset = keys.offset(struct, "len", Short.BYTES, headerBytes);
        textLengthOffset = keys.offset(struct, "text_len", Short.BYTES, headerBytes);
        callerOffset = keys.optionalOffset(struct, "caller_id", Integer.BYTES, headerBytes);
        ringBytes = keys.check("log_buf_len", keys.u32At(keys.symbol("log_buf_len")), headerBytes, Integer.MAX_VALUE);
        first = index("log_first_idx");
        next = index("log_next_idx");
        ring = new LogWindow(keys, keys.wordAt(keys.symbol("log_buf")), ringBytes);
    }

    private long index(String variable) throws IOException {
        return keys.check(variable, keys.u32At(keys.symbol(variable)) & 0xffff_ffffL, 0, ringBytes);
    }

    /// Prints the records, oldest first.
    ///
    /// @param partial only those since the log was last cleared
    /// @return how many
    long print(boolean partial, LogText text) throws IOException {
        long start = first;
        if (partial) {
            start = clearedAt();
        }
        if (start != NOT_FOUND) {
            walk(start, NOT_FOUND, text);
        }
        return records;
    }

    /// Where records since the last clear begin, or [#NOT_FOUND] if there are none.
    ///
    /// clear_idx is left alone when the ring overwrites what was there: only if a record begins at it can it be right.
    /// 0 in a ring that wrapped is what a log that was never cleared has.
    private long clearedAt() throws IOException {
        if (!keys.has("clear_idx")) {
            progress.warning(
                    "[" + keys.name() + "] kernel log: VMCOREINFO lacks SYMBOL(clear_idx), as before 4.5; where the"
                            + " log was cleared is not known, and all of it is printed");
            return first;
        }
        long cleared = index("clear_idx");
        boolean never = cleared == 0 && first != 0;
        if (cleared == next && first != next) {
            return NOT_FOUND;
        }
        return never || !beginsRecord(cleared) ? first : cleared;
    }

    /// Damage before the mark says nothing against it.
    private boolean beginsRecord(long cleared) throws IOException {
        try {
            return walk(first, cleared, null);
        } catch (CorruptDumpException e) {
            progress.warning(e.getMessage() + ", before clear_idx 0x" + Long.toHexString(cleared)
                    + ", from which on it is printed");
            return true;
        }
    }

    /// Goes from record to record up to the last, or to the one that begins at the wanted index.
    ///
    /// @return true if the wanted index was met
    private boolean walk(long start, long wanted, @Nullable LogText text) throws IOException {
        boolean mayWrap = start > next;
        long at = start;
        while (at != next) {
            if (at == wanted) {
                return true;
            }
            if (at > ringBytes - headerBytes || (!mayWrap && at > next)) {
                throw broken("index must be at most " + (mayWrap ? ringBytes - headerBytes : next), at);
            }
            int header = ring.load(at, headerBytes);
            int length = ring.buffer().getShort(header + lengthOffset) & 0xffff;
            if (length == 0) {
                if (!mayWrap) {
                    throw broken("length must not be 0", at);
                }
                mayWrap = false;
                at = 0;
            } else {
                printRecord(at, length, text);
                at += length;
            }
        }
        return false;
    }

    private void printRecord(long at, int length, @Nullable LogText text) throws IOException {
        int header = ring.load(at, headerBytes);
        int textBytes = ring.buffer().getShort(header + textLengthOffset) & 0xffff;
        if (length < headerBytes + textBytes || at + length > ringBytes) {
            throw broken("length " + length + " must hold a header of " + headerBytes + " and a text of " + textBytes
                    + " bytes and end within the ring of " + ringBytes, at);
        }
        if (text != null) {
            int record = ring.load(at, headerBytes + textBytes);
            long caller = callerOffset < 0
                    ? LogText.NO_CALLER
                    : ring.buffer().getInt(record + callerOffset) & 0xffff_ffffL;
            text.record(ring.buffer().getLong(record + timeOffset), caller, ring.buffer(), record + headerBytes,
                    textBytes);
            records++;
        }
    }

    private IOException broken(String what, long at) {
        return keys.corrupt("record at index 0x" + Long.toHexString(at) + ": " + what + "; the log ends there");
    }
}
