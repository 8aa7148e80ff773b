// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import java.io.IOException;
import java.util.Arrays;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.memmap.MemMap;

/// Scans the struct pages of one unit, a range of pfns, and clears in the 2nd bitmap what the dump level leaves out. Of that,
/// it marks what must not be read: a dump format may keep short runs of pages that are left out.
///
/// Writes no bit outside the unit. A range of pages that crosses the unit's end is cut there and told as a carry, which
/// whoever drives the units must apply to the next ones. One instance a thread, used for one unit after the other.
/// Guarded by ClassifyBenchmark.
final class UnitScan {
    /// Ranges of this order and larger are always left out whole (256 pages: formats, tiling of ELF output).
    private static final int SHORT_RUN_ORDER = 8;

    private final PageBitmap existing;
    private final PageBitmap dumpable;
    /// Pages found in the free lists; empty where free pages carry a mark.
    private final PageBitmap listed;
    private final boolean hasListed;
    private final PageBitmap unreadable;
    private final MemMap memMap;
    private final PageClassifier classifier;
    private final Anomalies anomalies;
    private final long[] counts = new long[PageKind.COUNT];
    private long unclassified;
    private long leftOutBefore;
    private long unitEnd;
    private long carryEnd;
    private PageKind carryKind = PageKind.KERNEL;

    /// @param anomalies what the classifier writes to
    UnitScan(ScanTarget target, MemMap memMap, PageClassifier classifier, Anomalies anomalies) {
        this.existing = target.existing();
        this.dumpable = target.dumpable();
        this.listed = target.listed();
        this.hasListed = listed.nextSet(0) < listed.size();
        this.unreadable = target.unreadable();
        this.memMap = memMap;
        this.classifier = classifier;
        this.anomalies = anomalies;
    }

    /// Scans the pfns from start to end, exclusive.
    ///
    /// @param carry a range of pages left out that began in an earlier unit; [Carry#NONE] if there is none
    UnitOutcome scan(long start, long end, Carry carry) throws IOException {
        clear();
        unitEnd = end;
        long pfn = start;
        if (carry.end() > start) {
            pfn = leaveOut(start, carry.end(), carry.kind());
        }
        pfn = existing.nextSet(pfn, end);
        while (pfn < end) {
            if (memMap.load(pfn, end)) {
                pfn = scanWindow(pfn, Math.min(memMap.end(), end));
            } else {
                long known = Math.min(memMap.end(), end);
                long kept = dumpable.cardinality(pfn, known);
                unclassified += kept;
                leftOutBefore += existing.cardinality(pfn, known) - kept;
                pfn = known;
            }
            pfn = existing.nextSet(pfn, end);
        }
        Anomalies seen = new Anomalies();
        seen.add(anomalies);
        return new UnitOutcome(counts.clone(), unclassified, leftOutBefore, new Carry(carryEnd, carryKind), seen);
    }

    private void clear() {
        Arrays.fill(counts, 0);
        unclassified = 0;
        leftOutBefore = 0;
        carryEnd = 0;
        anomalies.clear();
    }

    /// Scans from the pfn to the limit, both in the window.
    ///
    /// @return the pfn to go on with, at or after the limit
    private long scanWindow(long from, long limit) throws IOException {
        long[] words = memMap.words();
        boolean online = memMap.online();
        long pfn = from;
        while (pfn < limit) {
            long wordEnd = Math.min((pfn | 63) + 1, limit);
            long exists = existing.word(pfn);
            long free = hasListed ? listed.word(pfn) : 0;
            long left = 0;
            long unread = 0;
            long next = pfn;
            while (next < wordEnd) {
                long bits = exists >>> next;
                if ((bits & 1) == 0) {
                    next = bits == 0 ? wordEnd : next + Long.numberOfTrailingZeros(bits);
                    continue;
                }
                if ((free >>> next & 1) != 0) {
                    counts[PageKind.FREE.index()]++;
                    unread |= classifier.isPoisoned(memMap, words, next) ? 1L << next : 0;
                    left |= 1L << next++;
                    continue;
                }
                int answer = online
                        ? classifier.classify(memMap, words, next)
                        : classifier.classifyOffline(memMap, words, next);
                if (answer == PageClassifier.KEEP) {
                    next++;
                } else if (answer == PageClassifier.UNKNOWN) {
                    unclassified++;
                    next++;
                } else if (PageClassifier.orderOf(answer) == 0) {
                    counts[PageClassifier.kindOf(answer)]++;
                    if (classifier.mustNotRead(memMap, words, next, answer)) {
                        unread |= 1L << next;
                    }
                    left |= 1L << next++;
                } else {
                    long rangeEnd = next + (1L << PageClassifier.orderOf(answer));
                    if (PageClassifier.orderOf(answer) < SHORT_RUN_ORDER) {
                        markUnreadable(next, rangeEnd, limit, answer);
                    }
                    next = leaveOut(next, rangeEnd, PageKind.at(PageClassifier.kindOf(answer)));
                }
            }
            if (left != 0) {
                dumpable.setWord(pfn, dumpable.word(pfn) & ~left);
            }
            if (unread != 0) {
                unreadable.setWord(pfn, unreadable.word(pfn) | unread);
            }
            pfn = next;
        }
        return pfn;
    }

    /// Any page of a compound page may have a memory error, also past the window's limit: the window is then moved to the
    /// range's end, which the scan goes on from.
    private void markUnreadable(long start, long rangeEnd, long limit, int answer) throws IOException {
        long end = Math.min(rangeEnd, unitEnd);
        long known = Math.min(limit, end);
        markUnreadable(start, known, answer);
        while (known < end) {
            boolean readable = memMap.load(known, end);
            long next = Math.min(memMap.end(), end);
            if (readable) {
                markUnreadable(known, next, answer);
            }
            known = next;
        }
    }

    private void markUnreadable(long start, long end, int answer) {
        long[] words = memMap.words();
        for (long pfn = start; pfn < end; pfn++) {
            if (classifier.mustNotRead(memMap, words, pfn, answer)) {
                unreadable.set(pfn);
            }
        }
    }

    /// Leaves a range out, as far as it lies in the unit.
    private long leaveOut(long start, long rangeEnd, PageKind kind) {
        long end = Math.min(rangeEnd, unitEnd);
        dumpable.clearRange(start, end);
        counts[kind.index()] += existing.cardinality(start, end);
        if (kind == PageKind.HWPOISON || kind == PageKind.OFFLINE) {
            unreadable.setRange(start, end);
        }
        if (rangeEnd > unitEnd) {
            carryEnd = rangeEnd;
            carryKind = kind;
        }
        return rangeEnd;
    }
}
