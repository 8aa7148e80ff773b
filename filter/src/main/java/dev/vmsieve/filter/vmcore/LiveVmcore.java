// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.progress.Progress;

/// The memory of the running system, read through /proc/kcore, as a dump of it would have it: without what is reserved for
/// the crash kernel.
///
/// /proc/kcore is an ELF core whose offsets are made from virtual addresses, so its size says nothing; its segments of
/// vmalloc, modules and struct pages have no physical address and are passed over (fs/proc/kcore.c). It is read by
/// position, since it cannot be mapped. Whatever is read may be another thing a moment later.
public final class LiveVmcore implements Vmcore {
    /// Where a Linux system shows its memory.
    public static final Path KCORE = Path.of("/proc/kcore");
    /// Where it shows what lies at which physical address.
    public static final Path IOMEM = Path.of("/proc/iomem");

    private final Vmcore memory;
    private final PfnRanges reserved;

    private LiveVmcore(Vmcore memory, PfnRanges reserved) {
        this.memory = memory;
        this.reserved = reserved;
    }

    /// True if the path leads to the running system's memory and not to a dump.
    public static boolean isLive(Path path) throws IOException {
        return path.toRealPath().equals(KCORE);
    }

    /// Opens it; the caller closes it.
    ///
    /// @param kcore [#KCORE]
    /// @param iomem [#IOMEM]; if it is not there, no reservation is known
    public static LiveVmcore open(Path kcore, Path iomem, Progress progress) throws IOException {
        Vmcore memory = VmcoreOpener.open(FileDumpFile.open(kcore), progress);
        try {
            return new LiveVmcore(memory, Iomem.crashKernel(iomem, memory.pageBytes()));
        } catch (NoSuchFileException none) {
            return new LiveVmcore(memory, new PfnRanges(new long[0], new long[0]));
        } catch (IOException | RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /// Pages of memory that are reserved for the crash kernel.
    public long reservedPages() throws IOException {
        PageBitmap bitmap = memory.newExisting(memory.maxMapnr(), null);
        return reserved.clear(new PfnRange(0, memory.maxMapnr()), bitmap);
    }

    @Override
    public String name() {
        return memory.name();
    }

    @Override
    public int machine() {
        return memory.machine();
    }

    @Override
    public ByteOrder byteOrder() {
        return memory.byteOrder();
    }

    @Override
    public int pageBytes() {
        return memory.pageBytes();
    }

    @Override
    public long maxMapnr() {
        return memory.maxMapnr();
    }

    @Override
    public ByteBuffer notes() {
        return memory.notes();
    }

    @Override
    public Optional<byte[]> vmcoreinfo() {
        return memory.vmcoreinfo();
    }

    @Override
    public Optional<Long> physBaseOfTextSegment() {
        return memory.physBaseOfTextSegment();
    }

    @Override
    public int dumpLevel() {
        return 0;
    }

    /// Clears the bits of reserved pages, which nothing else can have set.
    @Override
    public void markExisting(PfnRange range, PageBitmap bitmap) {
        memory.markExisting(range, bitmap);
        reserved.clear(range, bitmap);
    }

    /// Clears the bits of reserved pages, which nothing else can have set.
    @Override
    public void markPresent(PfnRange range, PageBitmap bitmap) {
        memory.markPresent(range, bitmap);
        reserved.clear(range, bitmap);
    }

    @Override
    public boolean isStored(long pfn) {
        return memory.isStored(pfn) && !reserved.contains(pfn);
    }

    @Override
    public PageReader newReader() {
        return memory.newReader();
    }

    @Override
    public long unreadablePages() {
        return memory.unreadablePages();
    }

    @Override
    public boolean incomplete() {
        return memory.incomplete();
    }

    @Override
    public void close() throws IOException {
        memory.close();
    }
}
