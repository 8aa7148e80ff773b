// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.util.Optional;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.vmcore.StoredPages;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Where the workers take pages from, and what becomes of them.
///
/// @param unreadable pages that must not be read
/// @param compression how pages are compressed; [Compression#NONE] where pages are copied: as each is
/// @param stored the input's stored forms, where the output takes them
/// @param whole pages stay where they are in the batch's data
/// @param sizesOnly the output throws all data away
record FillPlan(Vmcore vmcore, PageBitmap unreadable, Compression compression, Optional<StoredPages> stored,
        boolean whole, boolean sizesOnly) {
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
        return stored.isPresent()
                && (compression == Compression.NONE || compression == stored.get().compression());
    }

    /// True for a page that must not be read.
    boolean isUnreadable(long pfn) {
        return unreadable.get(pfn);
    }
}
