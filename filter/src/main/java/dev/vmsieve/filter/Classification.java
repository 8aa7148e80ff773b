// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.arch.Architecture;
import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.ScatteredPages;
import dev.vmsieve.filter.classify.Anomalies;
import dev.vmsieve.filter.classify.Canaries;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.classify.FreePages;
import dev.vmsieve.filter.classify.PageClassifier;
import dev.vmsieve.filter.classify.PageKind;
import dev.vmsieve.filter.classify.PageSweep;
import dev.vmsieve.filter.classify.ScanTarget;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.kernel.KernelLayout;
import dev.vmsieve.filter.kernel.KernelReader;
import dev.vmsieve.filter.kernel.LazyTypes;
import dev.vmsieve.filter.kernel.TypeSource;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.kernel.ZoneLayout;
import dev.vmsieve.filter.memmap.MemoryModel;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.paging.KernelMemory;
import dev.vmsieve.filter.paging.PfnSample;
import dev.vmsieve.filter.progress.PageCounts;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.filter.vmcore.Vmcore;

/// One classification of all pages: what is needed for it, the sweep, and the checks of what came out.
final class Classification {
    /// So many canaries may be struck, by pages that changed hands at the very moment of the crash, before nothing is
    /// believed any more.
    private static final int MOST_CANARIES_STRUCK = 3;
    /// Pages by which the free lists may differ from the kernel's counters whatever their number: each CPU's share.
    private static final long FREE_SLACK_PAGES = 4096;
    private static final long FREE_SLACK_FRACTION = 20;
    /// Below so many pages a machine may really have none of the kinds asked for.
    private static final long SMALL_MACHINE_PAGES = 4096;

    private final Vmcore vmcore;
    private final Kernel kernel;
    private final DumpLevel level;
    private final KernelLayout layout;
    private final MemoryModel model;
    private final Progress progress;

    private Classification(Vmcore vmcore, Kernel kernel, DumpLevel level, KernelLayout layout, MemoryModel model,
            Progress progress) {
        this.vmcore = vmcore;
        this.kernel = kernel;
        this.level = level;
        this.layout = layout;
        this.model = model;
        this.progress = progress;
    }

    /// Finds layout and mem_map.
    ///
    /// @throws MissingSymbolException if there is no kernel, or it does not tell what is needed
    static Optional<Classification> prepare(Vmcore vmcore, Optional<Kernel> found, DumpLevel level, Progress progress)
            throws IOException {
        if (found.isEmpty()) {
            boolean told = vmcore.vmcoreinfo().isPresent();
            throw new MissingSymbolException("[" + vmcore.name() + "] "
                    + (told ? "kernel: not found where VMCOREINFO says it is" : "VMCOREINFO: not found"));
        }
        Kernel kernel = found.get();
        Vmcoreinfo info = kernel.vmcoreinfo();
        Architecture architecture = kernel.architecture();
        try (KernelMemory memory = kernel.newMemory()) {
            TypeSource types = new LazyTypes(info, new Reader(memory), vmcore.byteOrder());
            KernelLayout layout = KernelLayout.resolve(info, architecture.wordBytes(), vmcore.byteOrder(), types);
            MemoryModel.Query query = new MemoryModel.Query(info, architecture, vmcore.pageBytes(),
                    kernel.pageTable().levelCount(), vmcore.maxMapnr(), layout.page().bytes());
            MemoryModel model = MemoryModel.find(query, memory, progress);
            return Optional.of(new Classification(vmcore, kernel, level, layout, model, progress));
        }
    }

    /// A record, since a method reference would cost milliseconds at its first use.
    private record Reader(KernelMemory memory) implements KernelReader {
        @Override
        public void read(long kvaddr, ByteBuffer target, int targetOffset, int bytes) throws IOException {
            memory.read(kvaddr, target, targetOffset, bytes);
        }
    }

    /// max_mapnr: pfns beyond the last mem_map do not count, as with `mem=` on the crashed kernel's command line.
    long endPfn() {
        return Math.min(vmcore.maxMapnr(), model.endPfn());
    }

    /// @param file where bitmaps go that are more than memory is to hold; null if they are to stay in memory
    FilterResult run(DumpBitmaps bitmaps, @Nullable ChunkFile file, FilterPlan plan) throws IOException {
        long maxMapnr = bitmaps.existing().size();
        PageBitmap listed = listedPages(maxMapnr, file);
        progress.begin(Stage.UNNECESSARY_PAGES, maxMapnr);
        PageSweep sweep = new PageSweep(vmcore, kernel, layout, model, level,
                new ScanTarget(bitmaps.existing(), bitmaps.dumpable(), listed, bitmaps.unreadable()), plan.unitPages(),
                progress);
        sweep.run(plan.threads());
        progress.end(Stage.UNNECESSARY_PAGES);
        PageCounts counts = new PageCounts(maxMapnr, bitmaps.existing().cardinality(), 0,
                sweep.count(PageKind.NON_PRIVATE_CACHE), sweep.count(PageKind.PRIVATE_CACHE),
                sweep.count(PageKind.USER), sweep.count(PageKind.FREE), sweep.count(PageKind.HWPOISON),
                sweep.count(PageKind.OFFLINE), sweep.unclassified(),
                sweep.leftOutBefore());
        warnOfAnomalies(sweep.anomalies());
        return checked(bitmaps, file, counts, sweep.tablePfns(), plan.heldOnly() && vmcore.dumpLevel() != 0);
    }

    private PageBitmap listedPages(long maxMapnr, @Nullable ChunkFile file) throws IOException {
        ScatteredPages listed = new ScatteredPages(maxMapnr, file);
        if (!level.excludes(PageKind.FREE) || !PageClassifier.needsFreeLists(layout)) {
            return listed.bitmap();
        }
        Optional<ZoneLayout> zones = ZoneLayout.resolve(kernel.vmcoreinfo(), layout.wordBytes());
        if (zones.isEmpty()) {
            progress.warning("[" + kernel.vmcoreinfo().source() + "] VMCOREINFO: neither page types nor free lists are"
                    + " told (NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE), OFFSET(zone.free_area)); free pages are kept");
            return listed.bitmap();
        }
        progress.begin(Stage.FREE_PAGES, maxMapnr);
        try (KernelMemory memory = kernel.newMemory()) {
            new FreePages(kernel.vmcoreinfo(), layout, zones.get(), memory, progress).walk(model, listed);
        } catch (CorruptDumpException e) {
            progress.warning(e.getMessage() + "; free pages not found so far are kept");
        }
        progress.advance(maxMapnr);
        progress.end(Stage.FREE_PAGES);
        return listed.bitmap();
    }

    private void warnOfAnomalies(Anomalies anomalies) {
        if (anomalies.freeOrders() != 0) {
            progress.warning("[" + vmcore.name() + "] struct page: " + anomalies.freeOrders()
                    + " free pages with an impossible order; they are kept");
        }
        if (anomalies.compoundOrders() != 0) {
            progress.warning("[" + vmcore.name() + "] struct page: " + anomalies.compoundOrders()
                    + " compound pages with an impossible order; each is taken for a single page");
        }
    }

    /// @param held whether only pages are counted that an earlier filter run left
    private FilterResult checked(DumpBitmaps bitmaps, @Nullable ChunkFile file, PageCounts counts, PfnSample tablePfns,
            boolean held) throws IOException {
        try (KernelMemory memory = kernel.newMemory()) {
            List<Long> struck = new ArrayList<>();
            for (long pfn : Canaries.find(kernel.vmcoreinfo(), tablePfns, memory, vmcore.pageBytes())) {
                if (isLeftOut(pfn, bitmaps)) {
                    struck.add(pfn);
                }
            }
            if (struck.size() > MOST_CANARIES_STRUCK) {
                return fallBack(bitmaps.existing(), file, counts, struck.size());
            }
            for (long pfn : struck) {
                bitmaps.dumpable().set(pfn);
                bitmaps.unreadable().clear(pfn);
            }
            if (!struck.isEmpty()) {
                progress.warning(
                        "[" + vmcore.name() + "] " + struck.size() + " pages of the kernel itself looked like pages"
                                + " to leave out; they are kept, but the dump may lack others");
            }
            if (!held) {
                compareFreePages(counts, memory);
            }
        }
        boolean nothing = !held && !vmcore.structPagesExcluded()
                && counts.excluded() == counts.hwpoison() + counts.offline();
        if (level.needsPageStructs() && nothing && counts.existing() > SMALL_MACHINE_PAGES) {
            progress.warning("[" + vmcore.name() + "] no page of the kinds that dump level " + level.bits()
                    + " leaves out was found; this kernel's page structures may not be understood");
        }
        return new FilterResult(bitmaps, counts, level);
    }

    /// By this run; what an earlier one left out is not stored.
    private boolean isLeftOut(long pfn, DumpBitmaps bitmaps) {
        return bitmaps.existing().get(pfn) && !bitmaps.dumpable().get(pfn) && vmcore.isStored(pfn);
    }

    private FilterResult fallBack(PageBitmap existing, @Nullable ChunkFile file, PageCounts counts, int struck)
            throws IOException {
        DumpLevel lower = level.zero() ? DumpLevel.of(1) : DumpLevel.of(0);
        long maxMapnr = existing.size();
        DumpBitmaps bitmaps = new DumpBitmaps(existing, vmcore.newPresent(maxMapnr, file),
                new PageBitmap(maxMapnr, file));
        progress.warning("[" + vmcore.name() + "] " + struck + " pages of the kernel itself looked like pages to leave"
                + " out, so this kernel's page structures are not understood; dump level " + lower.bits()
                + " is used instead of " + level.bits());
        return new FilterResult(bitmaps,
                new PageCounts(counts.maxMapnr(), counts.existing(), 0, 0, 0, 0, 0, 0, 0, counts.existing()), lower);
    }

    private void compareFreePages(PageCounts counts, KernelMemory memory) throws IOException {
        Optional<ZoneLayout> zones = ZoneLayout.resolve(kernel.vmcoreinfo(), layout.wordBytes());
        if (!level.excludes(PageKind.FREE) || zones.isEmpty() || vmcore.structPagesExcluded()) {
            return;
        }
        long counted;
        try {
            counted = new FreePages(kernel.vmcoreinfo(), layout, zones.get(), memory, progress).counted();
        } catch (CorruptDumpException cannotCompare) {
            return;
        }
        long difference = Math.abs(counted - counts.free());
        if (counted >= 0 && difference > FREE_SLACK_PAGES && difference > counted / FREE_SLACK_FRACTION) {
            progress.warning("[" + vmcore.name() + "] zone.vm_stat: the kernel counted " + counted
                    + " free pages, but " + counts.free() + " were found");
        }
    }
}
