// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

/// Bytes that break the format. The message names file, structure, field, offset, found and expected.
public final class CorruptDumpException extends DumpException {
    private static final long serialVersionUID = 1L;

    /// @param message one line that starts with the file's name in brackets
    public CorruptDumpException(String message) {
        super(message);
    }

    /// The usual message: `[file] structure: field must rule but was found (offset 0x38)`.
    ///
    /// @param offset where the field is in the file, in bytes
    public static CorruptDumpException of(String file, String structure, String field, String rule, String found,
            long offset) {
        return new CorruptDumpException("[" + file + "] " + structure + ": " + field + " must " + rule + " but was "
                + found + " (offset 0x" + Long.toHexString(offset) + ")");
    }
}
