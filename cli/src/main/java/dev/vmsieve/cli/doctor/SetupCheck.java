// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;

/// Whose scripts would dump?
final class SetupCheck implements Check {
    @Override
    public String name() {
        return "setup";
    }

    @Override
    public Finding run(Host host) throws IOException {
        Setup setup = host.setup();
        String install = "install kdump-tools (Debian, Ubuntu), kdump-utils (Fedora, RHEL) or kdump (SUSE)";
        if (setup.distribution() == Distribution.NONE) {
            String found = "Neither " + SetupReader.DEBIAN_FILE + " nor " + SetupReader.RED_HAT_FILE + " nor "
                    + SetupReader.SUSE_FILE + " is there";
            boolean loaded = host.files().number(LoadedCheck.FILE).orElse(0) == 1;
            return loaded
                    ? Finding.warn(found + ", but a crash kernel is loaded: what it will do is not known here.",
                            "test it by a crash")
                    : Finding.fail(found + ": nothing is set up to dump.", install);
        }
        if (!setup.problems().isEmpty()) {
            return Finding.fail(SetupReader.RED_HAT_FILE + " would be refused: "
                    + String.join(", ", setup.problems()) + ".",
                    "correct it, then " + setup.distribution()
                            .loadCommand());
        }
        return Finding.ok("This is " + setup.distribution().label() + "; it will run: " + setup.collector().text());
    }
}
