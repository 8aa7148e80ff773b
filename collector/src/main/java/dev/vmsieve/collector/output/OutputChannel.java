// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Where a dump's bytes go, by offset. Safe for use by several threads.
public interface OutputChannel extends Closeable {
    /// What [#discard] says of a file that it has removed.
    String NOTHING_LEFT = "no dump file is left";
    /// What is left of a dry run; what was there is as it was.
    String DRY_RUN = "a dry run leaves no file";

    /// Writes all bytes from the source's position to its limit to the offset on.
    void write(ByteBuffer source, long offset) throws IOException;

    /// Cuts off what lies behind that size, where the output can do so.
    void truncate(long bytes) throws IOException;

    /// Makes the output at least that large, where it may have been left to holes.
    default void extend(long bytes) throws IOException {}

    /// Returns when all that was written is on the disk.
    void force() throws IOException;

    /// True if bytes that were never written read as zero.
    boolean sparse();

    /// True if bytes go out in the order of the writes, and what is written again goes out again: writes come one at a time
    /// then, always in the same order, and what is missing at the end shows that the dump is incomplete.
    default boolean sequential() {
        return false;
    }

    /// All is written, and the dump is complete.
    default void end() throws IOException {}

    /// Ends the output: what was made new is removed, and of what was there no half is left.
    ///
    /// @return what is left, to end a message with; [#NOTHING_LEFT] if nothing is
    String discard() throws IOException;
}
