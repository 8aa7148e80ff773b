// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;

/// One question to a system.
interface Check {
    /// What it is about, in a word or two.
    String name();

    /// Finds out; a system that refuses is the caller's business.
    Finding run(Host host) throws IOException;
}
