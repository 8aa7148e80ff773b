// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import java.io.IOException;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.bitmap.DumpBitmaps;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.classify.DumpLevel;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.PageCounts;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.filter.vmcore.Vmcore;

/// The one door of this module: a vmcore and a dump level in, the pages that exist and those that are to be dumped out.
public final class PageFilter {
    private PageFilter() {}

    /// Decides which pages stay.
    ///
    /// The pages that an earlier run left out stay so: the level of what comes out has the input's bits too. Pages that are
    /// kept at every level need no kernel. Levels with other bits than that of zero pages do, if the input's has not got these.
    ///
    /// @param kernel empty if the dump has no VMCOREINFO that can be used
    /// @throws DumpException if the level needs struct pages and they cannot be found; the message names what is missing
    public static FilterResult filter(Vmcore vmcore, Optional<Kernel> kernel, FilterPlan plan, Progress progress)
            throws IOException {
        DumpLevel level = plan.level().or(levelOf(vmcore));
        boolean needed = needsKernel(vmcore, plan.level());
        Optional<Classification> classification = Optional.empty();
        try {
            classification = Classification.prepare(vmcore, kernel, level, progress);
        } catch (MissingSymbolException e) {
            if (needed) {
                throw new MissingSymbolException(e.getMessage() + ", but dump level " + plan.level().bits()
                        + " needs it; -x VMLINUX or -i VMCOREINFO may supply it, dump levels 0 and 1 do without");
            }
            progress.warning(e.getMessage() + "; pages with memory errors and offline pages are not looked for");
        } catch (CorruptDumpException e) {
            if (needed) {
                throw new CorruptDumpException(e.getMessage() + lower(plan.level()));
            }
            progress.warning(e.getMessage() + "; pages with memory errors and offline pages are not looked for");
        }
        long maxMapnr = classification.isPresent() ? classification.get().endPfn() : vmcore.maxMapnr();
        ChunkFile file = plan.workDirectory().isPresent() ? new ChunkFile(plan.workDirectory().get()) : null;
        DumpBitmaps bitmaps = bitmaps(vmcore, maxMapnr, file, plan.heldOnly(), progress);
        if (classification.isPresent()) {
            return classification.get().run(bitmaps, file, plan);
        }
        long existing = bitmaps.existing().cardinality();
        return new FilterResult(bitmaps, new PageCounts(maxMapnr, existing, 0, 0, 0, 0, 0, 0, 0, existing), level);
    }

    /// What helps where struct pages cannot be had, to end a message with.
    public static String lower(DumpLevel asked) {
        return "; dump level " + asked.bits() + " needs page structures, levels 0 and 1 do without";
    }

    /// True if only struct pages tell what that level leaves out beyond what the input's own has left out already.
    public static boolean needsKernel(Vmcore vmcore, DumpLevel asked) {
        return asked.without(levelOf(vmcore)).needsPageStructs();
    }

    private static DumpLevel levelOf(Vmcore vmcore) {
        return DumpLevel.of(vmcore.dumpLevel() & DumpLevel.MAX);
    }

    private static DumpBitmaps bitmaps(Vmcore vmcore, long maxMapnr, @Nullable ChunkFile file,
            boolean heldOnly, Progress progress) throws IOException {
        progress.begin(Stage.MEMORY_HOLES, maxMapnr);
        PageBitmap existing = heldOnly ? vmcore.newPresent(maxMapnr, file) : vmcore.newExisting(maxMapnr, file);
        PageBitmap dumpable = vmcore.newPresent(maxMapnr, file);
        progress.advance(maxMapnr);
        progress.end(Stage.MEMORY_HOLES);
        return new DumpBitmaps(existing, dumpable, new PageBitmap(maxMapnr, file));
    }
}
