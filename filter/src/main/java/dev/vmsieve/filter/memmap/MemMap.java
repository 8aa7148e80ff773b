// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.memmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.kernel.KernelLayout;
import dev.vmsieve.filter.paging.KernelMemory;
import dev.vmsieve.filter.paging.Translation;

/// A window of struct pages, read in bulk; one instance a thread.
///
/// The window grows while it moves on without a gap and falls back to one granule after a jump, so struct pages inside
/// a large free block or folio are not even read. What is known of a pfn depends on its granule alone, never on how the
/// window came to it: a granule is 64 pfns, within one page of struct pages where these have 64 bytes.
///
/// Words are in the crashed kernel's byte order already; a field of fewer than 8 bytes is inside one. Guarded by
/// ClassifyBenchmark.
public final class MemMap implements StructPages, AutoCloseable {
    /// Pfns that are known or unknown together.
    static final int GRANULE = 64;
    private static final int LARGEST_WINDOW = 4096;
    private static final int LARGEST_WINDOW_BYTES = 1 << 16;

    private final MemoryModel model;
    private final KernelMemory memory;
    private final int structPageBytes;
    private final long addressMask;
    private final ByteBuffer buffer;
    private final LongBuffer longs;
    private final long[] words;
    private final int largest;
    private MemRun run = MemRun.none(0, 0);
    private long start;
    private long end;
    private int next = GRANULE;

    /// @param memory closed with this
    public MemMap(MemoryModel model, KernelMemory memory, KernelLayout layout) {
        this.model = model;
        this.memory = memory;
        this.structPageBytes = layout.page().bytes();
        this.addressMask = layout.wordBytes() == Long.BYTES ? -1L : 0xffff_ffffL;
        this.largest = Math.clamp(LARGEST_WINDOW_BYTES / structPageBytes & -GRANULE, GRANULE, LARGEST_WINDOW);
        int longCount = (largest * structPageBytes + Long.BYTES - 1) / Long.BYTES;
        this.buffer = ByteBuffer.allocateDirect(longCount * Long.BYTES).order(layout.byteOrder());
        this.longs = buffer.asLongBuffer();
        this.words = new long[longCount];
    }

    @Override
    public long[] words() {
        return words;
    }

    @Override
    public long start() {
        return start;
    }

    /// Without a window: the end of the pfns that nothing is known of.
    @Override
    public long end() {
        return end;
    }

    /// False if the window's memory was added to the machine but never put to use.
    public boolean online() {
        return run.online();
    }

    /// Moves the window to the granule that holds the pfn.
    ///
    /// @param limit pfns, exclusive, that are of use in the window
    /// @return false if nothing is known of the pfns from this one to [#end]
    public boolean load(long pfn, long limit) throws IOException {
        if (pfn < run.start() || pfn >= run.end()) {
            run = model.run(pfn);
        }
        if (!run.mapped()) {
            end = run.end();
            return false;
        }
        long first = Math.max(pfn & -GRANULE, run.start());
        next = pfn == end ? Math.min(next * 2, largest) : GRANULE;
        long last = Math.min(Math.min((pfn & -GRANULE) + next, run.end()), Math.max(limit, (pfn | GRANULE - 1) + 1));
        if (read(first, last)) {
            return true;
        }
        next = GRANULE;
        last = Math.min((pfn | GRANULE - 1) + 1, run.end());
        if (read(first, last)) {
            return true;
        }
        start = last;
        end = last;
        return false;
    }

    private boolean read(long first, long last) throws IOException {
        long kvaddr = (run.origin() + first * structPageBytes) & addressMask;
        // Where struct pages were left out (makedumpfile -e) this is common, and an exception would be dear.
        if (!(memory.translate(kvaddr) instanceof Translation.Mapped mapped) || !memory.isStored(mapped.paddr())) {
            return false;
        }
        int bytes = (int) (last - first) * structPageBytes;
        try {
            memory.read(kvaddr, buffer, 0, bytes);
        } catch (CorruptDumpException notThere) {
            return false;
        }
        longs.get(0, words, 0, (bytes + Long.BYTES - 1) / Long.BYTES);
        start = first;
        end = last;
        return true;
    }

    @Override
    public long structPage(long pfn) {
        return (run.origin() + pfn * structPageBytes) & addressMask;
    }

    /// The window stays.
    @Override
    public long wordOf(long pfn, int offset, long fallback) throws IOException {
        MemRun there = model.run(pfn);
        if (!there.mapped()) {
            return fallback;
        }
        try {
            return memory.word((there.origin() + pfn * structPageBytes + offset) & addressMask);
        } catch (CorruptDumpException notThere) {
            return fallback;
        }
    }

    /// The pages of page tables that were used so far.
    public KernelMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}
