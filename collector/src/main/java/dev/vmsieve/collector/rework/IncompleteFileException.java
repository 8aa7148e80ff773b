// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/// A file was left that is not complete. The message is one line for the user: why, which file, and whether its header
/// says so too.
public final class IncompleteFileException extends IOException {
    private static final long serialVersionUID = 1L;

    /// Why the file is not complete.
    public enum Reason {
        /// The input ended early or is damaged.
        INPUT,
        /// The file system is full or the quota used up.
        NO_SPACE,
        /// The size limit was reached.
        SIZE_LIMIT,
        /// Anything else: the cause says what.
        FAILED
    }

    private final Reason reason;

    IncompleteFileException(String message, @Nullable Throwable cause, Reason reason) {
        super(message, cause);
        this.reason = reason;
    }

    /// Why the file is not complete.
    public Reason reason() {
        return reason;
    }
}
