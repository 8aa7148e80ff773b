// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import java.io.IOException;
import java.nio.ByteBuffer;

import dev.vmsieve.collector.plan.CollectPlan;
import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.codec.ZeroPage;
import dev.vmsieve.filter.progress.FirstFailure;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Looks for pages of zeroes before anything is written, for a format whose headers say where pages are left out. By as many
/// threads as the plan says. Guarded by CollectBenchmark.
public final class ZeroScan implements WorkerThreads.Work {
    /// Pages a thread takes at a time: a multiple of 64, so that no two threads write the same word of the bitmap.
    private static final int UNIT_PAGES = 4096;
    private static final int BUFFER_BYTES = 256 << 10;

    private final CollectPlan plan;
    private final Vmcore vmcore;
    private final PageBitmap kept;
    private final PageBitmap unreadable;
    private final Progress progress;
    private final FirstFailure failure = new FirstFailure();
    // All below: guarded by the lock of this.
    /// First pfn of the unit that each thread is at.
    private final long[] atUnit;
    private long nextPfn;
    /// Chunks of the bitmap below it are put away.
    private long doneEnd;

    private ZeroScan(CollectPlan plan, Vmcore vmcore, PageBitmap kept, PageBitmap unreadable, Progress progress,
            int threads) {
        this.atUnit = new long[threads];
        this.plan = plan;
        this.vmcore = vmcore;
        this.kept = kept;
        this.unreadable = unreadable;
        this.progress = progress;
    }

    /// Clears the bit of each page that is filled with zeroes, or that must not be read. The calling thread waits. A
    /// request to end early is followed; the bits then mean nothing.
    ///
    /// @throws IOException if the input fails as a whole
    public static void run(CollectPlan plan, Vmcore vmcore, PageBitmap kept, PageBitmap unreadable, Progress progress)
            throws IOException {
        long units = (kept.size() + UNIT_PAGES - 1) / UNIT_PAGES;
        Thread[] workers = new Thread[Math.clamp(units, 1, plan.threads())];
        ZeroScan scan = new ZeroScan(plan, vmcore, kept, unreadable, progress, workers.length);
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Thread(new Worker(scan, i), "vmsieve-collect-zero-" + i);
        }
        WorkerThreads.startAndJoin(workers, scan, plan.cancellation());
        scan.failure.rethrow();
    }

    @Override
    public void fail(Throwable cause) {
        failure.add(cause);
    }

    /// First pfn of the next unit that has pages; the bitmap's size if there is none, or all are to end.
    private synchronized long nextUnit(int worker) {
        if (failure.any() || plan.cancellation().requested()) {
            return kept.size();
        }
        long unit = nextPfn < kept.size() ? kept.nextSet(nextPfn) & -UNIT_PAGES : kept.size();
        unit = Math.min(Math.max(unit, nextPfn), kept.size());
        nextPfn = unit + UNIT_PAGES;
        atUnit[worker] = unit;
        putAwayDone();
        return unit;
    }

    /// Bits below all units will not change any more: those of a large machine are not to stay in memory.
    private void putAwayDone() {
        long end = atUnit[0];
        for (long unit : atUnit) {
            end = Math.min(end, unit);
        }
        for (; doneEnd + PageBitmap.CHUNK_PFNS <= end; doneEnd += PageBitmap.CHUNK_PFNS) {
            kept.putAwayBehind(doneEnd);
        }
    }

    /// One thread's work.
    private static final class Worker implements Runnable {
        private final ZeroScan scan;
        private final int number;
        private final int pageBytes;
        private final ByteBuffer buffer;
        private final ZeroPage zeroes;

        Worker(ZeroScan scan, int number) {
            this.scan = scan;
            this.number = number;
            this.pageBytes = scan.vmcore.pageBytes();
            this.buffer = ByteBuffer.allocateDirect(Math.max(BUFFER_BYTES, pageBytes));
            this.zeroes = new ZeroPage(pageBytes);
        }

        @Override
        public void run() {
            try (PageReader reader = scan.vmcore.newReader()) {
                long unit = scan.nextUnit(number);
                while (unit < scan.kept.size()) {
                    scan.progress.advance(scanUnit(reader, unit, Math.min(unit + UNIT_PAGES, scan.kept.size())));
                    unit = scan.nextUnit(number);
                }
            } catch (Throwable cause) {
                scan.fail(cause);
            }
        }

        /// @return how many pages were looked at
        private long scanUnit(PageReader reader, long start, long end) throws IOException {
            PageBitmap kept = scan.kept;
            long most = buffer.capacity() / pageBytes;
            long pages = 0;
            long pfn = kept.nextSet(start, end);
            while (pfn < end) {
                long runEnd = kept.nextClear(pfn, Math.min(end, pfn + most));
                if (scan.unreadable.get(pfn)) {
                    runEnd = pfn + 1;
                    kept.clear(pfn);
                } else {
                    runEnd = Math.min(runEnd, readableEnd(pfn, runEnd));
                    scanRun(reader, pfn, runEnd);
                }
                pages += runEnd - pfn;
                pfn = kept.nextSet(runEnd, end);
            }
            return pages;
        }

        private long readableEnd(long pfn, long end) {
            long readable = pfn + 1;
            while (readable < end && !scan.unreadable.get(readable)) {
                readable++;
            }
            return readable;
        }

        private void scanRun(PageReader reader, long start, long end) throws IOException {
            reader.read(start * pageBytes, buffer, 0, (int) (end - start) * pageBytes);
            for (long pfn = start; pfn < end; pfn++) {
                if (zeroes.isAt(buffer, (int) (pfn - start) * pageBytes)) {
                    scan.kept.clear(pfn);
                }
            }
        }
    }
}
