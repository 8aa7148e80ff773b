// SPDX-License-Identifier: Apache-2.0
/// The workers that read, compress and write batches of pages.
///
/// [dev.vmsieve.collector.pipeline.CollectPipeline] starts and joins them,
/// [dev.vmsieve.collector.pipeline.BatchRing] tells each what to do next, and
/// [dev.vmsieve.collector.pipeline.BatchWorker] does it, with a [dev.vmsieve.collector.pipeline.BatchFiller] that reads
/// and compresses pages or copies them as a dump stores them. There is no writer thread and nobody spins: a worker whose
/// batch is not yet due parks it in the ring and takes the next one, and whoever comes by writes batches that have got
/// their place.
@NullMarked
package dev.vmsieve.collector.pipeline;

import org.jspecify.annotations.NullMarked;
