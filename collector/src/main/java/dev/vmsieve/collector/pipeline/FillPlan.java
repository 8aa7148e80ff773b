// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.util.Optional;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.codec.PageCodec;
import dev.vmsieve.filter.vmcore.StoredPages;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Where the workers take pages from, and what becomes of them.
///
/// @param unreadable pages that must not be read
/// @param plan how pages are compressed; not at all where pages are copied: as each is. In a dry run the output throws all
///        data away
/// @param stored the input's stored forms, where the output takes them
/// @param whole pages stay where they are in the batch's data
record FillPlan(Vmcore vmcore, PageBitmap unreadable, CollectPlan plan, Optional<StoredPages> stored, boolean whole) {
    private static final int BATCH_BYTES = 256 << 10;
    private static final int COPIED_BATCH_BYTES = 1 << 20;

    /// A filler for one worker.
    BatchFiller newFiller() {
        return stored.isPresent() ? new CopyingFiller(this, stored.get()) : new CompressingFiller(this);
    }

    /// As many pages as fill a batch: copied ones take little time each, and are the faster the more there are at a
    /// time.
    int defaultBatchPages() {
        return Math.max(1, (copiesMost() ? COPIED_BATCH_BYTES : BATCH_BYTES) / vmcore.pageBytes());
    }

    private boolean copiesMost() {
        return stored.isPresent() && copies(stored.get().compression());
    }

    /// True if a page stored by that method is copied as it is.
    boolean copies(Compression method) {
        return compression() == Compression.NONE || (compression() == method && plan.zstdLevel().isEmpty());
    }

    /// How pages are compressed.
    Compression compression() {
        return plan.compression();
    }

    /// The output throws all data away.
    boolean sizesOnly() {
        return plan.dryRun();
    }

    /// A codec for one worker.
    PageCodec newCodec() {
        return plan.newCodec();
    }

    /// True for a page that must not be read.
    boolean isUnreadable(long pfn) {
        return unreadable.get(pfn);
    }
}
