// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.List;
import java.util.Optional;

/// Will the crash kernel be loaded after the next boot, too?
final class ServiceCheck implements Check {
    private static final List<String> PLACES = List.of("/etc/systemd/system", "/usr/lib/systemd/system",
            "/lib/systemd/system");
    private static final List<String> TARGETS = List.of("multi-user.target", "basic.target", "default.target");

    @Override
    public String name() {
        return "service";
    }

    @Override
    public Finding run(Host host) throws IOException {
        Distribution distribution = host.setup().distribution();
        if (distribution == Distribution.NONE) {
            return Finding.unknown("Without known scripts there is no known service.", "");
        }
        Optional<String> enabled = host.setup().enabled();
        if (enabled.isPresent() && !enabled.get().equals("USE_KDUMP=1")) {
            return Finding.fail(SetupReader.DEBIAN_FILE + " says " + enabled.get() + ": kdump is not to be used.",
                    "set USE_KDUMP=1 there, then " + distribution.loadCommand());
        }
        String unit = distribution.unit() + ".service";
        if (host.files().shown(host.files().at("/etc/systemd/system/" + unit)).equals("/dev/null")) {
            return Finding.warn(unit + " is masked: after a boot no crash kernel would be loaded.",
                    "systemctl unmask " + unit);
        }
        for (String place : PLACES) {
            for (String target : TARGETS) {
                if (isLink(host, place + "/" + target + ".wants/", unit)) {
                    return Finding.ok(unit + " is enabled.");
                }
            }
        }
        return Finding.warn(unit + " does not seem to be enabled: after a boot no crash kernel would be loaded.",
                "systemctl enable " + unit);
    }

    /// The link's target need not be there: it is an absolute path that systemd does not look at.
    private static boolean isLink(Host host, String directory, String unit) throws IOException {
        return Files.exists(host.files().at(directory).resolve(unit),
                LinkOption.NOFOLLOW_LINKS);
    }
}
