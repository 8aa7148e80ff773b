// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.kernel.KernelLayout;
import dev.vmsieve.filter.memmap.MemMap;
import dev.vmsieve.filter.memmap.MemoryModel;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.paging.PfnSample;
import dev.vmsieve.filter.progress.FirstFailure;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Scans all struct pages, in units, by as many threads as asked for.
///
/// Units are taken in order and scanned each as if nothing went on from the unit before. Their outcomes are settled in
/// order, under one lock: where a range did go on from the unit before, the unit is either left out as a whole or put
/// back and scanned again from the range's end. So the outcome is that of one scan from the first pfn to the last,
/// whatever the units and the threads. Ranges begin at multiples of their size, so the second scan is rare.
public final class PageSweep {
    private final Vmcore vmcore;
    private final Kernel kernel;
    private final KernelLayout layout;
    private final MemoryModel model;
    private final DumpLevel level;
    private final ScanTarget target;
    private final Progress progress;
    private final long unitPages;
    private final long units;

    /// Next unit that a thread takes.
    private final AtomicLong nextUnit = new AtomicLong();
    private final FirstFailure failure = new FirstFailure();
    // All below: guarded by the lock of this.
    /// Outcomes of units that wait for one before them; as many as threads run ahead.
    private final Map<Long, UnitOutcome> waiting = new HashMap<>();
    private final long[] counts = new long[PageKind.COUNT];
    private final Anomalies anomalies = new Anomalies();
    private final PfnSample tablePfns = new PfnSample();
    private long unclassified;
    private long leftOutBefore;
    private long settled;
    private Carry carry = Carry.NONE;

    /// @param unitPages pfns of a unit, a multiple of 64
    public PageSweep(Vmcore vmcore, Kernel kernel, KernelLayout layout, MemoryModel model, DumpLevel level,
            ScanTarget target, long unitPages, Progress progress) {
        this.vmcore = vmcore;
        this.kernel = kernel;
        this.layout = layout;
        this.model = model;
        this.level = level;
        this.target = target;
        this.progress = progress;
        this.unitPages = unitPages;
        this.units = (target.existing().size() + unitPages - 1) / unitPages;
    }

    /// Scans everything; returns when all threads have ended, whatever happened.
    public void run(int threads) throws IOException {
        int helpers = (int) Math.min(threads, units) - 1;
        List<Thread> started = new ArrayList<>();
        for (int i = 0; i < helpers; i++) {
            Thread thread = new Helper("vmsieve-classify-" + (i + 1));
            started.add(thread);
            thread.start();
        }
        work();
        join(started);
        failure.rethrow();
    }

    /// Pages left out as this kind.
    public synchronized long count(PageKind kind) {
        return counts[kind.index()];
    }

    /// Pages kept because nothing is known of them.
    public synchronized long unclassified() {
        return unclassified;
    }

    /// Pages that an earlier run left out together with their struct pages, so that their kind is not known.
    public synchronized long leftOutBefore() {
        return leftOutBefore;
    }

    /// Struct pages that cannot be right.
    public synchronized Anomalies anomalies() {
        return anomalies;
    }

    /// Pfns of the page table pages that translated the struct pages' addresses; for the time after [#run].
    public synchronized PfnSample tablePfns() {
        return tablePfns;
    }

    private void work() {
        Anomalies own = new Anomalies();
        try (MemMap memMap = new MemMap(model, kernel.newMemory(), layout)) {
            PageClassifier classifier = new PageClassifier(layout, level, vmcore.pageBytes(), target.existing().size(),
                    own);
            UnitScan scan = new UnitScan(target, memMap, classifier, own);
            for (long unit = nextUnit.getAndIncrement(); unit < units
                    && !failure.any(); unit = nextUnit.getAndIncrement()) {
                settle(unit, scan.scan(startOf(unit), endOf(unit), Carry.NONE), scan);
            }
            addTables(memMap.memory().tablePfns());
        } catch (IOException | RuntimeException | Error e) {
            failure.add(e);
        }
    }

    private synchronized void settle(long unit, UnitOutcome outcome, UnitScan scan) throws IOException {
        waiting.put(unit, outcome);
        for (UnitOutcome next = waiting.remove(settled); next != null; next = waiting.remove(settled)) {
            long start = startOf(settled);
            long end = endOf(settled);
            UnitOutcome right = next;
            if (carry.end() > start) {
                target.dumpable().clearRange(start, end);
                target.unreadable().clearRange(start, end);
                vmcore.markPresent(new PfnRange(start, end), target.dumpable());
                right = scan.scan(start, end, carry);
            }
            add(right);
            settled++;
            target.dumpable().settle(startOf(settled));
            target.unreadable().settle(startOf(settled));
            progress.advance(end - start);
        }
    }

    private void add(UnitOutcome outcome) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += outcome.counts()[i];
        }
        unclassified += outcome.unclassified();
        leftOutBefore += outcome.leftOutBefore();
        anomalies.add(outcome.anomalies());
        carry = outcome.carry();
    }

    private synchronized void addTables(PfnSample pfns) {
        tablePfns.addAll(pfns);
    }

    private static void join(List<Thread> threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// A class of its own: a lambda would cost milliseconds at its first use.
    private final class Helper extends Thread {
        Helper(String name) {
            super(name);
            setDaemon(true);
        }

        @Override
        public void run() {
            work();
        }
    }

    private long startOf(long unit) {
        return unit * unitPages;
    }

    private long endOf(long unit) {
        return Math.min(startOf(unit) + unitPages, target.existing().size());
    }
}
