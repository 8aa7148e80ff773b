// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;

/// The dump file may not grow as large as it would have to.
public final class SizeLimitException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param limitBytes what the file may have
    public SizeLimitException(long limitBytes) {
        super("the size limit of " + limitBytes + " bytes is reached");
    }

    /// @param limitBytes what the file may have
    /// @param headerBytes what it needs without any page
    SizeLimitException(long limitBytes, long headerBytes) {
        super("the size limit of " + limitBytes + " bytes has no room for the headers, which take " + headerBytes);
    }
}
