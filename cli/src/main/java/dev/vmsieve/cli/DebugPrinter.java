// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.console.MessageLevel;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.vmcore.Vmcore;

/// What message level bit 8 tells about an input: its size, and VMCOREINFO line by line, in the kernel's own spelling
/// (scripts look for OSRELEASE and CRASHTIME there).
final class DebugPrinter {
    private DebugPrinter() {}

    /// Prints what is known of the input.
    static void print(Console console, Vmcore vmcore, Optional<Kernel> kernel) {
        if (!console.shows(MessageLevel.DEBUG)) {
            return;
        }
        console.debug("page_size    : " + vmcore.pageBytes());
        console.debug("max_mapnr    : " + Long.toHexString(vmcore.maxMapnr()));
        if (kernel.isPresent()) {
            console.debug("phys_base    : " + Long.toHexString(kernel.get().physBase()));
            console.debug("VMCOREINFO   : " + kernel.get().vmcoreinfo().source());
            String text = new String(kernel.get().vmcoreinfo().bytes(), StandardCharsets.ISO_8859_1);
            for (String line : text.lines().toList()) {
                console.debug("  " + line);
            }
        }
        console.debug("");
    }
}
