// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.util.Optional;

/// May a Java program start in the crash kernel? Debian's keeps the system's sysctl settings, and with strict accounting
/// of so little memory it may not.
final class OvercommitCheck implements Check {
    private static final String OWN = "/etc/kdump/sysctl.conf";
    private static final int STRICT = 2;

    @Override
    public String name() {
        return "overcommit";
    }

    @Override
    public Finding run(Host host) throws IOException {
        if (host.setup().distribution() != Distribution.DEBIAN) {
            return Finding.ok("The crash kernel does not take over vm.overcommit_memory.");
        }
        Optional<String> own = ownSetting(host);
        if (own.isPresent()) {
            return own.get().equals("2")
                    ? Finding.fail(OWN + " sets vm.overcommit_memory=2, under which it may have no room to start.",
                            "set it to 0 there")
                    : Finding.ok(OWN + " sets vm.overcommit_memory=" + own.get() + ".");
        }
        if (host.files().number("/proc/sys/vm/overcommit_memory").orElse(0) == STRICT) {
            return Finding.fail(
                    "vm.overcommit_memory is 2, which the crash kernel takes over, and it may have no room to start.",
                    "vmsieve-makedumpfile enable, or add vm.overcommit_memory=0 to " + OWN);
        }
        return Finding.ok("vm.overcommit_memory is not 2.");
    }

    private static Optional<String> ownSetting(Host host) throws IOException {
        Optional<String> last = Optional.empty();
        for (String raw : host.files().text(OWN).orElse("").split("\n", -1)) {
            String line = raw.strip();
            int equals = line.indexOf('=');
            if (equals > 0 && line.substring(0, equals).strip().replace('/', '.').equals("vm.overcommit_memory")) {
                last = Optional.of(line.substring(equals + 1).strip());
            }
        }
        return last;
    }
}
