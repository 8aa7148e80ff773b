// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Kept pages that follow one another, on their way from the vmcore to the dump file.
///
/// One thread at a time owns a batch; it changes hands under the lock of the ring that it lives in, which makes what
/// one wrote visible to the next. Its direct buffers live as long as it does, and it is used again and again.
public final class PageBatch {
    private static final int SHARED = 0;

    private final int pageBytes;
    private final long[] pfns;
    private final int[] storedBytes;
    private final int[] flags;
    private final ByteBuffer data;
    private final ByteBuffer descriptors;

    private long sequence;
    private long firstRank;
    private int pages;
    private int dataBytes;
    private long dataOffset;
    private boolean placed;

    /// A batch for at most that many pages.
    ///
    /// @param slackBytes bytes that the compressing of a page may overwrite behind the last one
    /// @param order byte order of descriptors
    public PageBatch(int maxPages, int pageBytes, int slackBytes, int descriptorBytes, ByteOrder order) {
        this.pageBytes = pageBytes;
        this.pfns = new long[maxPages];
        this.storedBytes = new int[maxPages];
        this.flags = new int[maxPages];
        this.data = ByteBuffer.allocateDirect(Math.addExact(Math.multiplyExact(maxPages, pageBytes), slackBytes))
                .order(ByteOrder.nativeOrder());
        this.descriptors = ByteBuffer.allocateDirect(Math.multiplyExact(maxPages, descriptorBytes)).order(order);
    }

    /// Empties the batch for its next turn.
    ///
    /// @param number the batch's number, from 0 on
    /// @param rank number of kept pages in all batches before it
    public void begin(long number, long rank) {
        sequence = number;
        firstRank = rank;
        pages = 0;
        dataBytes = 0;
        dataOffset = 0;
        placed = false;
        data.clear();
    }

    /// Takes one more page in; its bytes come later.
    public void addPfn(long pfn) {
        pfns[pages++] = pfn;
    }

    /// The page is zero: it is in the file by reference to the block all zero pages share.
    public void share(int index) {
        storedBytes[index] = SHARED;
        flags[index] = 0;
    }

    /// The page's stored form is in [#data], the next bytes after those of the page before.
    public void store(int index, int bytes, int methodFlag) {
        storedBytes[index] = bytes;
        flags[index] = methodFlag;
        dataBytes += bytes;
    }

    /// Drops the last pages, until the rest needs no more than that many bytes. True if any were dropped.
    boolean shorten(long maxBytes) {
        int before = pages;
        while (dataBytes > maxBytes) {
            pages--;
            dataBytes -= storedBytes[pages];
        }
        return pages < before;
    }

    /// Drops the last page.
    void dropLast() {
        pages--;
        dataBytes -= storedBytes[pages];
    }

    /// The batch's number, from 0 on.
    public long sequence() {
        return sequence;
    }

    /// Number of kept pages in all batches before this one.
    public long firstRank() {
        return firstRank;
    }

    /// Pages in the batch.
    public int pages() {
        return pages;
    }

    /// Pages it can take.
    public int maxPages() {
        return pfns.length;
    }

    /// Bytes in a page.
    public int pageBytes() {
        return pageBytes;
    }

    /// The pfn of a page.
    public long pfn(int index) {
        return pfns[index];
    }

    /// True for a zero page.
    public boolean shared(int index) {
        return storedBytes[index] == SHARED;
    }

    /// Bytes of the page's stored form; 0 for a shared one.
    public int storedBytes(int index) {
        return storedBytes[index];
    }

    /// Method bit of the page's stored form.
    public int flags(int index) {
        return flags[index];
    }

    /// Where stored forms lie one after the other from byte 0 on. Position and limit are those of an empty buffer until
    /// the batch has its place; then they are the writer's.
    public ByteBuffer data() {
        return data;
    }

    /// Bytes of all stored forms.
    public int dataBytes() {
        return dataBytes;
    }

    /// Room for the descriptors; position and limit are for the writer to set.
    ByteBuffer descriptors() {
        return descriptors;
    }

    /// The batch's data come at that offset of the file.
    void place(long offset) {
        dataOffset = offset;
        placed = true;
    }

    /// True if the batch has its place in the file: its pages are compressed, and it is to be written.
    public boolean placed() {
        return placed;
    }

    /// Where in the file the batch's data start.
    public long dataOffset() {
        return dataOffset;
    }
}
