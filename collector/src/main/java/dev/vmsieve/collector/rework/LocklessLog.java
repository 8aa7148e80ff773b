// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.progress.Progress;

/// The log of kernels from 5.10 on (kernel/printk/printk_ringbuffer.c): a ring of descriptors with an info each, and a
/// ring of text blocks to which the descriptors point.
///
/// A descriptor's place is its id modulo their number, and it holds the id that owns it at present: a record that was
/// overwritten meanwhile is told by that, and skipped. No more ids are looked at than there are descriptors.
final class LocklessLog {
    private static final int MAX_COUNT_BITS = 30;
    private static final int MAX_SIZE_BITS = 31;
    /// After so many unreadable records in a row the rest is given up.
    private static final int MAX_FAILURES = 1 << 16;
    private static final int COMMITTED = 1;
    private static final int FINALISED = 2;
    /// Both ends of a text block that is none because its record has no text (NO_LPOS).
    private static final long EMPTY_LINE = 3;

    private final LogKeys keys;
    private final Progress progress;
    private final long wordMask;
    private final long idMask;
    private final int countBits;
    private final int sizeBits;
    private final long tail;
    private final long head;
    private final LogWindow descs;
    private final LogWindow infos;
    private final LogWindow texts;

    private final int descBytes;
    private final int stateOffset;
    private final int beginOffset;
    private final int nextOffset;
    private final int infoBytes;
    /// Needed only to tell what a clear left; files that makedumpfile -g made lack it: -1.
    private final int seqOffset;
    private final int timeOffset;
    private final int textLengthOffset;
    private final int callerOffset;

    private long records;
    private long failures;
    private String firstFailure = "";

    LocklessLog(LogKeys keys, Progress progress) throws IOException {
        this.keys = keys;
        this.progress = progress;
        long prb = keys.symbol("prb");
        int word = keys.wordBytes();
        wordMask = -1L >>> (Long.SIZE - word * 8);
        idMask = wordMask >>> 2;
        int counter = keys.offset("atomic_long_t", "counter");
        descBytes = keys.size("prb_desc");
        stateOffset = keys.offset("prb_desc", "state_var", counter + word, descBytes) + counter;
        int block = keys.offset("prb_desc", "text_blk_lpos", 2 * word, descBytes);
        beginOffset = block + keys.offset("prb_data_blk_lpos", "begin", word, descBytes - block);
        nextOffset = block + keys.offset("prb_data_blk_lpos", "next", word, descBytes - block);
        infoBytes = keys.size("printk_info");
        seqOffset = keys.optionalOffset("printk_info", "seq", Long.BYTES, infoBytes);
        timeOffset = keys.offset("printk_info", "ts_nsec", Long.BYTES, infoBytes);
        textLengthOffset = keys.offset("printk_info", "text_len", Short.BYTES, infoBytes);
        callerOffset = keys.optionalOffset("printk_info", "caller_id", Integer.BYTES, infoBytes);

        long ring = keys.wordAt(prb);
        long descRing = ring + keys.offset("printk_ringbuffer", "desc_ring");
        countBits = bits("descriptor ring: count_bits", descRing + keys.offset("prb_desc_ring", "count_bits"),
                MAX_COUNT_BITS);
        tail = keys.wordAt(descRing + keys.offset("prb_desc_ring", "tail_id") + counter) & idMask;
        head = keys.wordAt(descRing + keys.offset("prb_desc_ring", "head_id") + counter) & idMask;
        descs = array(descRing + keys.offset("prb_desc_ring", "descs"), descBytes);
        infos = array(descRing + keys.offset("prb_desc_ring", "infos"), infoBytes);
        long textRing = ring + keys.offset("printk_ringbuffer", "text_data_ring");
        sizeBits = bits("text ring: size_bits", textRing + keys.offset("prb_data_ring", "size_bits"), MAX_SIZE_BITS);
        texts = new LogWindow(keys, keys.wordAt(textRing + keys.offset("prb_data_ring", "data")), 1L << sizeBits);
    }

    private int bits(String what, long kvaddr, int max) throws IOException {
        return (int) keys.check(what, keys.u32At(kvaddr), 1, max);
    }

    private LogWindow array(long pointer, int elementBytes) throws IOException {
        return new LogWindow(keys, keys.wordAt(pointer), (long) elementBytes << countBits);
    }

    /// Prints the records, oldest first.
    ///
    /// @param partial only those since the log was last cleared
    /// @return how many
    long print(boolean partial, LogText text) throws IOException {
        long firstSeq = partial ? clearedAt() : 0;
        long count = (head - tail & idMask) + 1;
        long id = tail;
        if (count > 1L << countBits) {
            progress.warning("[" + keys.name() + "] kernel log: descriptor ring: head_id 0x" + Long.toHexString(head)
                    + " is more than 2^" + countBits + " beyond tail_id 0x" + Long.toHexString(tail)
                    + "; only the newest records are printed");
            count = 1L << countBits;
            id = head - count + 1 & idMask;
        }
        int inARow = 0;
        for (long i = 0; i < count && inARow < MAX_FAILURES; i++) {
            try {
                printRecord(id, firstSeq, text);
                inARow = 0;
            } catch (CorruptDumpException unreadable) {
                inARow++;
                noteFailure(id, unreadable);
            }
            id = id + 1 & idMask;
        }
        warnOfFailures(count);
        return records;
    }

    /// Sequence number of the first record that the last clear left.
    private long clearedAt() throws IOException {
        keys.offset("printk_info", "seq");
        long symbol = keys.symbol("clear_seq");
        if (!keys.hasSize("latched_seq")) {
            return keys.u64At(symbol);
        }
        // Linux commit 7d7a23a91c91 (in v5.13): two copies, the even or the odd one is good
        int odd = keys.u32At(symbol) & 1;
        return keys.u64At(symbol + keys.offset("latched_seq", "val") + (long) odd * Long.BYTES);
    }

    private void printRecord(long id, long firstSeq, LogText text) throws IOException {
        long index = id & (1L << countBits) - 1;
        int desc = descs.load(index * descBytes, descBytes);
        long word = keys.wordIn(descs.buffer(), desc + stateOffset);
        int state = (int) (word >>> (keys.wordBytes() * 8 - 2));
        if ((word & idMask) != id || (state != COMMITTED && state != FINALISED)) {
            return;
        }
        long begin = keys.wordIn(descs.buffer(), desc + beginOffset);
        long next = keys.wordIn(descs.buffer(), desc + nextOffset);
        int info = infos.load(index * infoBytes, infoBytes);
        if (seqOffset >= 0 && Long.compareUnsigned(infos.buffer().getLong(info + seqOffset), firstSeq) < 0) {
            return;
        }
        long nanos = infos.buffer().getLong(info + timeOffset);
        int length = infos.buffer().getShort(info + textLengthOffset) & 0xffff;
        long caller = callerOffset < 0 ? LogText.NO_CALLER : infos.buffer().getInt(info + callerOffset) & 0xffff_ffffL;
        if ((begin & next & 1) != 0) {
            if (begin == EMPTY_LINE && next == EMPTY_LINE) {
                text.record(nanos, caller, texts.buffer(), 0, 0);
                records++;
            }
            return;
        }
        printBlock(id, begin, next, length, nanos, caller, text);
    }

    /// A block whose end lies in another round of the ring than its start was put at the ring's start as a whole. One
    /// that ends exactly at the ring's end has not wrapped, though its end's place in the ring is 0 (possible since 6.19).
    private void printBlock(long id, long begin, long next, int length, long nanos, long caller, LogText text)
            throws IOException {
        long sizeMask = (1L << sizeBits) - 1;
        long last = next - 1 & wordMask;
        boolean wrapped = (begin >>> sizeBits) != (last >>> sizeBits);
        long start = (wrapped ? 0 : begin & sizeMask) + keys.wordBytes();
        long end = (last & sizeMask) + 1;
        if (end < start) {
            throw keys
                    .corrupt("record 0x" + Long.toHexString(id) + ": text block [0x" + Long.toHexString(begin) + ", 0x"
                            + Long.toHexString(next) + ") must hold a word");
        }
        int there = (int) Math.min(length, end - start);
        int at = there == 0 ? 0 : texts.load(start, there);
        text.record(nanos, caller, texts.buffer(), at, there);
        records++;
    }

    private void noteFailure(long id, CorruptDumpException unreadable) {
        if (failures++ == 0) {
            firstFailure = "the first is 0x" + Long.toHexString(id) + ": " + unreadable.getMessage();
        }
    }

    private void warnOfFailures(long count) {
        if (failures > 0) {
            progress.warning("[" + keys.name() + "] kernel log: " + failures + " of " + count
                    + " records could not be read; " + firstFailure);
        }
    }
}
