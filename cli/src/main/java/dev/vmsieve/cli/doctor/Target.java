// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

/// Where the dump is to go.
///
/// @param place directory in the system's own tree, device, or remote place
/// @param keepFreeBytes what the scripts want to stay free
record Target(Kind kind, String place, long keepFreeBytes) {
    enum Kind {
        /// A directory.
        LOCAL,
        /// A block device without a file system.
        RAW,
        /// Another machine, down a pipe.
        REMOTE,
        /// A directory of another machine, which the scripts mount.
        EXPORT,
        /// A file system that is not mounted here, or anything else.
        OTHER
    }

    static Target local(String directory) {
        return new Target(Kind.LOCAL, directory, 0);
    }

    static Target of(Kind kind, String place) {
        return new Target(kind, place, 0);
    }

    /// True if the dump goes down a pipe.
    boolean isStream() {
        return kind == Kind.RAW || kind == Kind.REMOTE;
    }
}
