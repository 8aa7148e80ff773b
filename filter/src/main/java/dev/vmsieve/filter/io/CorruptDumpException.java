// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

/// Bytes that break the format. The message names file, structure, field, offset, found and expected.
public final class CorruptDumpException extends DumpException {
    private static final long serialVersionUID = 1L;

    /// @param message one line that starts with the file's name in brackets
    public CorruptDumpException(String message) {
        super(message);
    }
}
