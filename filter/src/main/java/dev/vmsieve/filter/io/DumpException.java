// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

import java.io.IOException;

/// A dump that cannot be used as asked; the message is one line, complete, and meant for the user.
public abstract sealed class DumpException extends IOException
        permits CorruptDumpException, UnsupportedDumpException, MissingSymbolException, KernelMismatchException {
    private static final long serialVersionUID = 1L;

    DumpException(String message) {
        super(message);
    }
}
