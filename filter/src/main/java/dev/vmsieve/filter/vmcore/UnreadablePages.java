// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import dev.vmsieve.filter.bitmap.PageBitmap;

/// The pages that could not be read. Written by any reader, read by any; the lock makes a page visible, the count alone
/// tells cheaply that there is none.
final class UnreadablePages {
    private final long maxMapnr;
    /// Of size 0 until the first page comes. Guarded by this.
    private PageBitmap pages = new PageBitmap(0);
    private volatile long count;

    UnreadablePages(long maxMapnr) {
        this.maxMapnr = maxMapnr;
    }

    synchronized void add(long pfn) {
        if (count == 0) {
            pages = new PageBitmap(maxMapnr);
        }
        if (!pages.get(pfn)) {
            pages.set(pfn);
            count++;
        }
    }

    boolean contains(long pfn) {
        if (count == 0) {
            return false;
        }
        synchronized (this) {
            return pages.get(pfn);
        }
    }

    long count() {
        return count;
    }
}
