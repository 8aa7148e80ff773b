// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

/// A sound dump that is newer or stranger than we know. The message names what was found and what is supported.
public final class UnsupportedDumpException extends DumpException {
    private static final long serialVersionUID = 1L;

    /// @param message one line that starts with the file's name in brackets
    public UnsupportedDumpException(String message) {
        super(message);
    }
}
