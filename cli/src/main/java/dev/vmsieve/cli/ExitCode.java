// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

/// What the process returns. A signal's death is the system's own 128 + its number.
final class ExitCode {
    /// Done; also for help, the version, and a sound line that was only to be checked.
    static final int DONE = 0;
    /// Every failure but one.
    static final int FAILED = 1;
    /// The file given with -i is of another kernel than the dump.
    static final int OTHER_KERNEL = 2;

    /// With --min-saving: the dump would have been too large, and was not made.
    static final int TOO_LITTLE_SAVED = 3;

    private ExitCode() {}
}
