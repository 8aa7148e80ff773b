// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

/// VMCOREINFO or vmlinux lacks something. The message names it, and the option that supplies it.
public final class MissingSymbolException extends DumpException {
    private static final long serialVersionUID = 1L;

    /// @param message one line that starts with the file's name in brackets
    public MissingSymbolException(String message) {
        super(message);
    }
}
