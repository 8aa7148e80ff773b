// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;

/// A crashed machine's memory, page by page, whatever container it came in.
///
/// Safe for use by several threads; each takes a [PageReader] of its own. Closing it ends all of them.
public interface Vmcore extends Closeable {
    /// The name the user gave, for messages.
    String name();

    /// The names of all files that it is made of.
    default List<String> names() {
        return List.of(name());
    }

    /// The machine's number as in ELF's e_machine (62 is x86_64).
    int machine();

    /// The crashed machine's byte order.
    ByteOrder byteOrder();

    /// Bytes in a page; a power of two.
    int pageBytes();

    /// Highest pfn covered by a segment, plus one.
    long maxMapnr();

    /// Contents of the PT_NOTE segment, unmodified, in the dump's byte order; empty if there is none. A new view at
    /// each call.
    ByteBuffer notes();

    /// VMCOREINFO text from the notes, as bytes; a kernel without it can still be copied.
    Optional<byte[]> vmcoreinfo();

    /// The kernel-text segment's p_paddr - (p_vaddr - 0xffffffff80000000), where the container tells: stands in for
    /// NUMBER(phys_base) on kernels before 4.10.
    Optional<Long> physBaseOfTextSegment();

    /// The pieces of memory as the container lists them, in its order; empty if it has no list.
    default List<KernelSegment> segments() {
        return List.of();
    }

    /// Bytes in a word of the container's headers: 4 for ELF32, 8 for all else.
    default int headerWordBytes() {
        return Long.BYTES;
    }

    /// The dump level with which the input was filtered already; 0 for a raw vmcore.
    int dumpLevel();

    /// Sets, in the bitmap, the bit of each pfn in the range that exists: some byte of it lies in a segment
    /// (1st bitmap). Bits of other pfns in the range stay as they are.
    void markExisting(PfnRange range, PageBitmap bitmap);

    /// Sets, in the bitmap, the bit of each existing pfn in the range that is not left out already by an earlier
    /// filter run: what the 2nd bitmap starts from.
    void markPresent(PfnRange range, PageBitmap bitmap);

    /// A bitmap of that size with what [#markExisting] marks.
    ///
    /// @param file where it lies as far as memory is not to hold it; null if it is to stay in memory
    default PageBitmap newExisting(long size, @Nullable ChunkFile file) throws IOException {
        PageBitmap bitmap = new PageBitmap(size, file);
        for (long start = 0; start < size; start += PageBitmap.CHUNK_PFNS) {
            markExisting(new PfnRange(start, Math.min(start + PageBitmap.CHUNK_PFNS, size)), bitmap);
            bitmap.settle(start + PageBitmap.CHUNK_PFNS);
        }
        return bitmap;
    }

    /// A bitmap of that size with what [#markPresent] marks.
    ///
    /// @param file where it lies as far as memory is not to hold it; null if it is to stay in memory
    default PageBitmap newPresent(long size, @Nullable ChunkFile file) throws IOException {
        PageBitmap bitmap = new PageBitmap(size, file);
        for (long start = 0; start < size; start += PageBitmap.CHUNK_PFNS) {
            markPresent(new PfnRange(start, Math.min(start + PageBitmap.CHUNK_PFNS, size)), bitmap);
            bitmap.putAwayBehind(start);
        }
        return bitmap;
    }

    /// True if the container stores some byte of the page, and reading it has not failed so far: false for a hole, for
    /// a page that an earlier filter run left out, and for one beyond the end of a file cut short.
    boolean isStored(long pfn);

    /// The first pfn from pfn on of which [#isStored] is false; end if there is none below.
    default long firstNotStored(long pfn, long end) {
        long at = pfn;
        while (at < end && isStored(at)) {
            at++;
        }
        return at;
    }

    /// A reader for the calling thread.
    PageReader newReader();

    /// The pages in the form in which an input stores them that is a dump file already; empty for memory as it was.
    default Optional<StoredPages> stored() {
        return Optional.empty();
    }

    /// The struct pages of pages left out by an earlier filter run were left out too (makedumpfile's `-e`).
    default boolean structPagesExcluded() {
        return false;
    }

    /// Pages that could not be read so far and were taken for zero; summed over all readers.
    long unreadablePages();

    /// Pages that the input names and does not have, since it was cut short or a part of it is not at hand. They are not
    /// present, and were told of when it was opened.
    default long missingPages() {
        return 0;
    }

    /// The input says of itself that it was cut short, or its file is shorter than its headers say, or, of a dump file,
    /// pages could not be read so far.
    boolean incomplete();
}
