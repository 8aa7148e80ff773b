// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.Vmcore;

/// The crashed kernel's memory by kernel virtual address. One instance a thread, never shared.
///
/// Keeps the last translation, so that a run of struct pages costs one walk per page table entry, and the last table of
/// each level.
public final class KernelMemory implements AutoCloseable, PageTable.Entries {
    private static final long NO_TABLE = -1;

    private final Vmcore vmcore;
    private final PageTable pageTable;
    private final PageReader reader;
    private final int pageShift;
    /// The last table read at each level, one page each, and its physical address.
    private final ByteBuffer tables;
    private final long[] tablePaddrs;
    private final PfnSample tablePfns = new PfnSample();
    private final ByteBuffer word;
    /// The last mapping: [lastStart, lastStart + lastBytes) is at lastPaddr. Empty at first.
    private long lastStart;
    private long lastBytes;
    private long lastPaddr;

    KernelMemory(Vmcore vmcore, PageTable pageTable) {
        this.vmcore = vmcore;
        this.pageTable = pageTable;
        this.reader = vmcore.newReader();
        this.pageShift = Integer.numberOfTrailingZeros(vmcore.pageBytes());
        this.tables = ByteBuffer.allocateDirect(pageTable.levelCount() << pageShift).order(vmcore.byteOrder());
        this.tablePaddrs = new long[pageTable.levelCount()];
        Arrays.fill(tablePaddrs, NO_TABLE);
        this.word = ByteBuffer.allocateDirect(Long.BYTES).order(vmcore.byteOrder());
    }

    /// What the address maps to, and how far. The pages behind the first may be missing in the dump.
    public Translation translate(long kvaddr) throws IOException {
        long into = kvaddr - lastStart;
        if (Long.compareUnsigned(into, lastBytes) < 0) {
            return new Translation.Mapped(lastPaddr + into, lastBytes - into);
        }
        Translation translation = pageTable.walk(kvaddr, this);
        if (translation instanceof Translation.Mapped mapped) {
            lastStart = kvaddr;
            lastBytes = mapped.bytes();
            lastPaddr = mapped.paddr();
        }
        return translation;
    }

    /// Fills [targetOffset, targetOffset + bytes) of the target with kernel memory from the address on.
    ///
    /// @throws CorruptDumpException if part of it is not mapped, not in the dump, or cannot be read; the target's
    ///         contents are then undefined
    public void read(long kvaddr, ByteBuffer target, int targetOffset, int bytes) throws IOException {
        Objects.checkFromIndexSize(targetOffset, bytes, target.capacity());
        int done = 0;
        while (done < bytes) {
            long at = kvaddr + done;
            if (!(translate(at) instanceof Translation.Mapped mapped)) {
                throw notMapped(at, bytes);
            }
            int length = (int) Math.min(mapped.bytes(), bytes - done);
            readPhysical(at, mapped.paddr(), target, targetOffset + done, length);
            done += length;
        }
    }

    private void readPhysical(long kvaddr, long paddr, ByteBuffer target, int targetOffset, int bytes)
            throws IOException {
        checkStored(kvaddr, paddr, bytes);
        reader.read(paddr, target, targetOffset, bytes);
        if (vmcore.unreadablePages() != 0) {
            checkStored(kvaddr, paddr, bytes);
        }
    }

    private void checkStored(long kvaddr, long paddr, int bytes) throws CorruptDumpException {
        long end = ((paddr + bytes - 1) >>> pageShift) + 1;
        long pfn = vmcore.firstNotStored(paddr >>> pageShift, end);
        if (pfn < end) {
            throw new CorruptDumpException("[" + vmcore.name() + "] kernel memory: address 0x"
                    + Long.toHexString(kvaddr) + " maps to pfn 0x" + Long.toHexString(pfn)
                    + ", which is not in the dump or cannot be read");
        }
    }

    private CorruptDumpException notMapped(long kvaddr, int bytes) throws IOException {
        String why = translate(kvaddr) instanceof Translation.NotPresent stopped ? stopped.describe() : "unknown";
        return new CorruptDumpException("[" + vmcore.name() + "] kernel memory: address 0x" + Long.toHexString(kvaddr)
                + " must be mapped but was not: " + why + " (in a read of " + bytes + " bytes)");
    }

    /// The unsigned long at the address.
    public long word(long kvaddr) throws IOException {
        return u64(kvaddr);
    }

    /// The 32-bit number at the address.
    public int u32(long kvaddr) throws IOException {
        read(kvaddr, word, 0, Integer.BYTES);
        return word.getInt(0);
    }

    /// The 64-bit number at the address.
    public long u64(long kvaddr) throws IOException {
        read(kvaddr, word, 0, Long.BYTES);
        return word.getLong(0);
    }

    /// The pfns of the page table pages that translations used so far; grows as more is read.
    public PfnSample tablePfns() {
        return tablePfns;
    }

    @Override
    public boolean isStored(long paddr) {
        return vmcore.isStored(paddr >>> pageShift);
    }

    @Override
    public long entry(int level, long tablePaddr, int index) throws IOException {
        int at = level << pageShift;
        if (tablePaddrs[level] != tablePaddr) {
            tablePaddrs[level] = NO_TABLE;
            reader.read(tablePaddr, tables, at, 1 << pageShift);
            tablePaddrs[level] = tablePaddr;
            tablePfns.add(tablePaddr >>> pageShift);
        }
        return tables.getLong(at + index * Long.BYTES);
    }

    @Override
    public void close() {
        reader.close();
    }
}
