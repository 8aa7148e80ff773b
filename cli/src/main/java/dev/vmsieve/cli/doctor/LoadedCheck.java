// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;

/// Is the crash kernel loaded?
final class LoadedCheck implements Check {
    static final String FILE = "/sys/kernel/kexec_crash_loaded";

    @Override
    public String name() {
        return "crash kernel";
    }

    @Override
    public Finding run(Host host) throws IOException {
        if (host.files().number(FILE).orElse(0) == 1) {
            return Finding.ok("The crash kernel is loaded.");
        }
        String command = host.setup().distribution().loadCommand();
        return Finding.fail("The crash kernel is not loaded.", command.isEmpty()
                ? "set up kdump first"
                : command + "; if that fails, journalctl -u " + host.setup().distribution().unit() + " tells why");
    }
}
