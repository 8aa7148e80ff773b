// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;

/// Writes a dump file in one of the formats.
///
/// Calls come in this order: [#start]; then [#place] for each batch in order, one call at a time, each under the same
/// lock; [#write] for each placed batch, by any thread and in any order; at last, once, [#finish] or [#abandon].
public sealed interface DumpWriter permits KdumpWriter, ElfWriter {
    /// An empty batch of that many pages, as the format needs it.
    PageBatch newBatch(int maxPages, int slackBytes);

    /// True if the format says of each page how it is compressed, so that pages that a dump stores already can be taken
    /// over as they are.
    boolean takesStoredForms();

    /// True if pages are stored as they are and where they are, each at its own place of a batch's data; one that is shared
    /// has its zeroes there.
    default boolean storesWholePages() {
        return false;
    }

    /// Writes all that comes before the pages. From here on the file says of itself that it is incomplete.
    void start() throws IOException;

    /// Gives the batch the next place in the file.
    ///
    /// @return false if the size limit is reached: the batch then holds no more than the pages that fit, and is the
    ///         last one
    boolean place(PageBatch batch);

    /// Writes the batch at its place.
    void write(PageBatch batch) throws IOException;

    /// True if batches are to be written one at a time and in order.
    boolean sequential();

    /// All batches are written: makes the file durable, and then complete.
    ///
    /// @param incomplete true if the input lacks pages, so that the dump is marked for good
    void finish(boolean incomplete) throws IOException;

    /// Makes a sound file, marked incomplete, of the first pages, all of them in batches written; later ones, though
    /// placed and maybe written, are taken out again.
    ///
    /// @param pages how many pages stay
    /// @param end where the data of these pages end in the file; 0 if there are none
    void abandon(long pages, long end) throws IOException;

    /// What is written so far; complete after [#finish].
    WriteCounts counts();
}
