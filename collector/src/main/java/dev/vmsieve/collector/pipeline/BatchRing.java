// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.collector.output.DumpWriter;
import dev.vmsieve.collector.output.PageBatch;
import dev.vmsieve.collector.plan.Cancellation;
import dev.vmsieve.collector.plan.PfnBatches;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.WorkTimes;

/// All batches between the vmcore and the dump file, and what is to be done with them: four counters of batches that
/// chase one another around a ring.
///
/// ```
///   done     ≤    taken    ≤    placed    ≤     cut     ≤  done + slots
///   written up    being or      have their      pfns known,
///   to here       been written  place           being compressed, or compressed
/// ```
///
/// Batches are cut, placed and counted as done in order; compressed and written in any. A compressed batch whose turn to
/// be placed has not come stays in its slot while its worker goes on with another one. A worker waits only when all
/// slots are taken and none is ready to be written.
///
/// To a sequential writer batches go one at a time, and by a thread of its own: who reads a pipe may be slow, and workers go
/// on until all slots are taken.
///
/// Every field is read and written under the ring's monitor, and a batch's own fields by the worker that has it; handing
/// it over under the monitor makes them visible.
final class BatchRing implements WorkerThreads.Work {
    private final PfnBatches batches;
    private final DumpWriter writer;
    private final Cancellation cancellation;
    private final Progress progress;
    private final Spares spares;

    private final @Nullable PageBatch[] slots;
    private final State[] states;

    private long done;
    private long taken;
    private long placed;
    private long cut;

    private long donePages;
    private long doneEnd;
    private Ending ending = Ending.COMPLETE;
    private @Nullable Throwable failure;
    private WorkTimes times = WorkTimes.NONE;

    /// What a worker does, or has done, with the batch in a slot.
    private enum State {
        COMPRESSING, COMPRESSED, PLACED, WRITING, WRITTEN
    }

    BatchRing(PfnBatches batches, DumpWriter writer, Room room, Cancellation cancellation, Progress progress) {
        this.batches = batches;
        this.writer = writer;
        this.cancellation = cancellation;
        this.progress = progress;
        this.spares = room.spares();
        this.slots = new PageBatch[room.slots()];
        this.states = new State[room.slots()];
    }

    /// How much the ring holds.
    ///
    /// @param slots batches at the same time
    /// @param spares where batches come from and go back to
    record Room(int slots, Spares spares) {}

    /// Takes back a batch with which the worker has done as it was told, and hands out the next one: to be written if
    /// [PageBatch#placed], else to be read and compressed. Waits while there is nothing to do. For a sequential writer all
    /// are to be read and compressed: the rest is [#exchangeWritten]'s.
    ///
    /// @param worked the batch handed out at the worker's last call; null at its first
    /// @return null when the worker is to end
    synchronized @Nullable PageBatch exchange(@Nullable PageBatch worked) throws InterruptedException {
        if (worked != null) {
            takeBack(worked);
        }
        while (failure == null) {
            if (taken < placed && !writer.sequential()) {
                return handOut(taken++, State.WRITING);
            }
            if (mayCut()) {
                if (cut - done < slots.length) {
                    return cutNext();
                }
            } else if (done == lastToWrite()) {
                return null;
            }
            wait();
        }
        return null;
    }

    /// The same for the one thread that writes to a sequential writer: hands out batches to be written, in order.
    ///
    /// @param written the batch handed out last; null at first
    /// @return null when the thread is to end
    synchronized @Nullable PageBatch exchangeWritten(@Nullable PageBatch written) throws InterruptedException {
        if (written != null) {
            takeBack(written);
        }
        while (failure == null) {
            if (taken < placed) {
                return handOut(taken++, State.WRITING);
            }
            if (!mayCut() && done == lastToWrite()) {
                return null;
            }
            wait();
        }
        return null;
    }

    /// A worker failed: all are to end. The first failure counts.
    @Override
    public synchronized void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
            ending = Ending.FAILED;
        }
        notifyAll();
    }

    /// A worker ends, having spent its time so.
    synchronized void spent(WorkTimes worker) {
        times = times.plus(worker);
    }

    /// How it all ended; asked when the workers have ended.
    synchronized Outcome outcome() {
        return new Outcome(ending, donePages, doneEnd, failure, times);
    }

    private void takeBack(PageBatch batch) {
        int slot = slot(batch.sequence());
        if (states[slot] == State.COMPRESSING) {
            states[slot] = State.COMPRESSED;
            placeAllDue();
        } else {
            states[slot] = State.WRITTEN;
            progress.advance(batch.pages());
            retireAllDue();
        }
    }

    private void placeAllDue() {
        long before = placed;
        while (placed < cut && ending != Ending.SIZE_LIMIT && states[slot(placed)] == State.COMPRESSED) {
            int slot = slot(placed);
            states[slot] = State.PLACED;
            placed++;
            if (!writer.place(at(slot))) {
                ending = Ending.SIZE_LIMIT;
            }
        }
        // The worker that placed one batch writes it itself, unless it is another thread's to write.
        if (placed - before > (writer.sequential() ? 0 : 1) || ending == Ending.SIZE_LIMIT) {
            notifyAll();
        }
    }

    private void retireAllDue() {
        long before = done;
        while (done < taken && states[slot(done)] == State.WRITTEN) {
            int slot = slot(done);
            PageBatch batch = at(slot);
            donePages += batch.pages();
            doneEnd = batch.dataOffset() + batch.dataBytes();
            slots[slot] = null;
            spares.keep(batch);
            done++;
        }
        if (done > before) {
            notifyAll();
        }
    }

    /// Whether new batches are still begun.
    private boolean mayCut() {
        if (ending == Ending.COMPLETE && cancellation.requested() && !batches.atEnd()) {
            ending = Ending.CANCELLED;
            notifyAll();
        }
        return ending == Ending.COMPLETE && !batches.atEnd();
    }

    /// At the size limit, batches compressed but not placed are given up.
    private long lastToWrite() {
        return ending == Ending.SIZE_LIMIT ? placed : cut;
    }

    private PageBatch cutNext() {
        PageBatch batch = spares.batch(writer);
        batches.cut(batch);
        slots[slot(cut)] = batch;
        return handOut(cut++, State.COMPRESSING);
    }

    private PageBatch handOut(long sequence, State state) {
        int slot = slot(sequence);
        states[slot] = state;
        return at(slot);
    }

    private PageBatch at(int slot) {
        PageBatch batch = slots[slot];
        if (batch == null) {
            throw new IllegalStateException("slot " + slot + " is empty");
        }
        return batch;
    }

    private int slot(long sequence) {
        return (int) (sequence % slots.length);
    }
}
