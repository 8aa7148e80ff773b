// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/// A set of pfns that keeps a sample of them once they are too many: a machine of 64 TiB whose struct pages are mapped one
/// page at a time has half a million page tables for them.
///
/// A pfn is in the sample or not by itself alone, so the sample is the same in whatever order pfns were added, and however
/// many sets were joined to one. For one thread.
public final class PfnSample {
    /// Pfns it keeps at most: all page tables of 64 TiB and more whose struct pages are mapped 2 MiB at a time.
    static final int MOST = 8192;
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private final Set<Long> pfns = new HashSet<>();
    /// Of a pfn's hash so many bits must be zero.
    private int zeroBits;

    /// Adds the pfn if it is of the sample.
    public void add(long pfn) {
        if (isSampled(pfn)) {
            pfns.add(pfn);
            while (pfns.size() > MOST) {
                thin(zeroBits + 1);
            }
        }
    }

    /// Adds what the other set has, which stays as it is.
    public void addAll(PfnSample other) {
        if (other.zeroBits > zeroBits) {
            thin(other.zeroBits);
        }
        for (long pfn : other.pfns) {
            add(pfn);
        }
    }

    private void thin(int bits) {
        zeroBits = bits;
        pfns.removeIf(pfn -> !isSampled(pfn));
    }

    private boolean isSampled(long pfn) {
        return (pfn * PRIME) >>> 1 >>> (Long.SIZE - 1 - zeroBits) == 0;
    }

    /// What it has, in no order; a view.
    public Set<Long> pfns() {
        return Collections.unmodifiableSet(pfns);
    }
}
