// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/// A dump file was left that does not hold all pages. It is marked incomplete and can be analysed as far as it goes.
///
/// The message is one line for the user: why, how many pages of how many are in the file, and that it is marked.
public final class IncompleteDumpException extends IOException {
    private static final long serialVersionUID = 1L;

    /// Why the dump file does not hold all pages.
    public enum Reason {
        /// The file system is full (ENOSPC) or the quota used up.
        NO_SPACE,
        /// The size limit was reached.
        SIZE_LIMIT,
        /// Somebody asked for an early end.
        CANCELLED,
        /// Anything else: the cause says what.
        FAILED
    }

    private final Reason reason;
    private final long pagesWritten;
    private final long pagesTotal;

    IncompleteDumpException(String message, @Nullable Throwable cause, Reason reason, long pagesWritten,
            long pagesTotal) {
        super(message, cause);
        this.reason = reason;
        this.pagesWritten = pagesWritten;
        this.pagesTotal = pagesTotal;
    }

    /// Why the dump file does not hold all pages.
    public Reason reason() {
        return reason;
    }

    /// Pages that the file holds: the first ones by pfn.
    public long pagesWritten() {
        return pagesWritten;
    }

    /// Pages that it should hold.
    public long pagesTotal() {
        return pagesTotal;
    }
}
