// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

/// A sound dump that is newer or stranger than we know. The message names what was found and what is supported.
public final class UnsupportedDumpException extends DumpException {
    private static final long serialVersionUID = 1L;

    /// @param message one line that starts with the file's name in brackets
    public UnsupportedDumpException(String message) {
        super(message);
    }

    /// The usual message: `[file] structure: field must rule but was found (offset 0x38)`.
    ///
    /// @param offset where the field is in the file, in bytes
    public static UnsupportedDumpException of(String file, String structure, String field, String rule, String found,
            long offset) {
        return new UnsupportedDumpException("[" + file + "] " + structure + ": " + field + " must " + rule
                + " but was " + found + " (offset 0x" + Long.toHexString(offset) + ")");
    }
}
