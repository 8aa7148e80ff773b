// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// A lockless log in fake memory, written record by record the way kernel/printk/printk_ringbuffer.c lays it out.
///
/// Field offsets are deliberately not those of any kernel: only VMCOREINFO tells them.
final class LocklessRing {
    static final long PRB = 0xffff_8000_0000_1000L;
    static final long CLEAR_SEQ = 0xffff_8000_0000_2000L;
    private static final long RING = 0xffff_8000_0000_3000L;
    private static final long DESCS = 0xffff_8000_0100_0000L;
    private static final long INFOS = 0xffff_8000_0200_0000L;
    private static final long TEXT = 0xffff_8000_0300_0000L;
    private static final int DESC_BYTES = 40;
    private static final int INFO_BYTES = 88;
    private static final int INFOS_AT = 64;

    final FakeMemory memory;
    final ByteBuffer ring;
    final ByteBuffer descs;
    final ByteBuffer infos;
    final ByteBuffer text;
    final ByteBuffer clearSeq;
    final int countBits;
    final int sizeBits;
    private final int wordBytes;
    private long tail;
    private long head;
    private long lpos;
    boolean caller = true;
    boolean latched;

    LocklessRing(int countBits, int sizeBits) {
        this(countBits, sizeBits, 8, ByteOrder.LITTLE_ENDIAN);
    }

    LocklessRing(int countBits, int sizeBits, int wordBytes, ByteOrder order) {
        this.countBits = countBits;
        this.sizeBits = sizeBits;
        this.wordBytes = wordBytes;
        memory = new FakeMemory(order);
        putWord(memory.map(PRB, 8), 0, RING);
        clearSeq = memory.map(CLEAR_SEQ, 64);
        ring = memory.map(RING, 256);
        descs = memory.map(DESCS, DESC_BYTES << countBits);
        infos = memory.map(INFOS, INFO_BYTES << countBits);
        text = memory.map(TEXT, 1 << sizeBits);
        ring.putInt(16, countBits);
        putWord(ring, 24, DESCS);
        putWord(ring, 32, INFOS);
        ring.putInt(128, sizeBits);
        putWord(ring, 136, TEXT);
        startAt(1L << countBits, 0);
    }

    /// The next record gets this id, and its block this place; nothing is in the ring.
    LocklessRing startAt(long id, long textPosition) {
        tail = id;
        head = id - 1;
        lpos = textPosition;
        return this;
    }

    /// A finalised record.
    LocklessRing add(long seq, long nanos, long callerId, String message) {
        return add(2, seq, nanos, callerId, message.getBytes(StandardCharsets.ISO_8859_1));
    }

    LocklessRing add(int state, long seq, long nanos, long callerId, byte[] message) {
        int size = 1 << sizeBits;
        int blockBytes = wordBytes + (message.length + wordBytes - 1) / wordBytes * wordBytes;
        long begin = lpos;
        long next = lpos + blockBytes;
        int at = (int) (begin & size - 1);
        if (at + blockBytes > size) {
            at = 0;
            next = (lpos / size + 1) * size + blockBytes;
        }
        putWord(text, at, head + 1);
        text.put(at + wordBytes, message);
        lpos = next;
        return describe(state, seq, nanos, callerId, message.length, begin, next);
    }

    /// A record whose descriptor says anything about its text.
    LocklessRing describe(int state, long seq, long nanos, long callerId, int textLength, long begin, long next) {
        long id = ++head;
        if ((id - tail) >> countBits != 0) {
            tail++;
        }
        int index = (int) (id & (1L << countBits) - 1);
        setState(index, state, id);
        putWord(descs, index * DESC_BYTES + 16, begin);
        putWord(descs, index * DESC_BYTES + 16 + wordBytes, next);
        infos.putLong(index * INFO_BYTES + 8, seq).putLong(index * INFO_BYTES, nanos)
                .putShort(index * INFO_BYTES + 16, (short) textLength)
                .putInt(index * INFO_BYTES + INFOS_AT, (int) callerId);
        return ends(tail, head);
    }

    void setState(int index, int state, long id) {
        putWord(descs, index * DESC_BYTES + 8, ((long) state << (wordBytes * 8 - 2)) | id);
    }

    LocklessRing ends(long tailId, long headId) {
        putWord(ring, 56, headId);
        putWord(ring, 72, tailId);
        return this;
    }

    private void putWord(ByteBuffer target, int at, long value) {
        if (wordBytes == 8) {
            target.putLong(at, value);
        } else {
            target.putInt(at, (int) value);
        }
    }

    LogKeys keys() {
        return keys(vmcoreinfo());
    }

    LogKeys keys(String vmcoreinfo) {
        return new LogKeys("vmcore", Vmcoreinfo.parse("VMCOREINFO", vmcoreinfo.getBytes(StandardCharsets.US_ASCII)),
                memory, wordBytes, infos.order());
    }

    String vmcoreinfo() {
        String keys = """
                SYMBOL(prb)=%x
                SYMBOL(clear_seq)=%x
                OFFSET(printk_ringbuffer.desc_ring)=16
                OFFSET(printk_ringbuffer.text_data_ring)=128
                OFFSET(prb_desc_ring.count_bits)=0
                OFFSET(prb_desc_ring.descs)=8
                OFFSET(prb_desc_ring.infos)=16
                OFFSET(prb_desc_ring.head_id)=36
                OFFSET(prb_desc_ring.tail_id)=52
                SIZE(prb_desc)=40
                OFFSET(prb_desc.state_var)=4
                OFFSET(prb_desc.text_blk_lpos)=16
                OFFSET(prb_data_blk_lpos.begin)=0
                OFFSET(prb_data_blk_lpos.next)=%d
                SIZE(printk_info)=88
                OFFSET(printk_info.ts_nsec)=0
                OFFSET(printk_info.seq)=8
                OFFSET(printk_info.text_len)=16
                OFFSET(prb_data_ring.size_bits)=0
                OFFSET(prb_data_ring.data)=8
                OFFSET(atomic_long_t.counter)=4
                """.formatted(PRB & mask(), CLEAR_SEQ & mask(), wordBytes);
        return keys + (caller ? "OFFSET(printk_info.caller_id)=64\n" : "")
                + (latched ? "SIZE(latched_seq)=24\nOFFSET(latched_seq.val)=8\n" : "");
    }

    private long mask() {
        return wordBytes == 8 ? -1 : 0xffff_ffffL;
    }
}
