// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

/// Two inputs are of different kernels. The message names both releases.
public final class KernelMismatchException extends DumpException {
    private static final long serialVersionUID = 1L;

    /// @param message one line that starts with the file's name in brackets
    public KernelMismatchException(String message) {
        super(message);
    }
}
