// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// May a Java program start in the crash kernel? Debian's keeps the system's sysctl settings, and with strict accounting
/// of so little memory it may not, unless its launcher can give that up.
///
/// kdump-tools copies its own sysctl.conf to `/run/sysctl.d/-kdump.conf`: the name was to sort behind all others, but the
/// script's find is none that busybox knows. So it is read first, and any other file overrules it (1.8.1 to 1.10.7).
final class OvercommitCheck implements Check {
    private static final String OWN = "/etc/kdump/sysctl.conf";
    private static final String NAME_OF_OWN = "-kdump.conf";
    /// Of files of one name only the first one's counts, as for systemd-sysctl.
    private static final List<String> DIRECTORIES = List.of("/etc/sysctl.d/", "/run/sysctl.d/",
            "/usr/local/lib/sysctl.d/", "/usr/lib/sysctl.d/", "/lib/sysctl.d/");
    private static final String KEY = "vm.overcommit_memory";
    private static final String STRICT = "2";

    @Override
    public String name() {
        return "overcommit";
    }

    @Override
    public Finding run(Host host) throws IOException {
        if (host.setup().distribution() != Distribution.DEBIAN) {
            return Finding.ok("The crash kernel does not take over " + KEY + ".");
        }
        Optional<Setting> last = last(host.files());
        if (last.isPresent()) {
            Setting setting = last.get();
            String found = setting.file() + " sets " + KEY + "=" + setting.value();
            return setting.value().equals(STRICT)
                    ? strict(found + overruled(host.files(), setting), "set it to 0 there")
                    : Finding.ok(found + ".");
        }
        if (host.files().number("/proc/sys/vm/overcommit_memory").orElse(0) == 2) {
            return strict(KEY + " is 2, which the crash kernel may take over",
                    "vmsieve-makedumpfile enable, or add " + KEY + "=0 to " + OWN);
        }
        return Finding.ok(KEY + " is not 2.");
    }

    private static Finding strict(String found, String advice) {
        return Finding.warn(found + "; it has to be set to 0 for the dump if that leaves no room to start.", advice);
    }

    private static String overruled(HostFiles files, Setting setting) throws IOException {
        return setting.file().equals(OWN) || value(files, OWN).isEmpty() ? "" : ", which overrules " + OWN;
    }

    /// The setting that holds in the crash kernel.
    private static Optional<Setting> last(HostFiles files) throws IOException {
        Map<String, String> places = new TreeMap<>();
        places.put(NAME_OF_OWN, OWN);
        for (String directory : DIRECTORIES) {
            for (String name : files.names(directory)) {
                if (name.endsWith(".conf")) {
                    places.putIfAbsent(name, directory + name);
                }
            }
        }
        Optional<Setting> last = Optional.empty();
        for (String file : places.values()) {
            Optional<String> value = value(files, file);
            last = value.isPresent() ? Optional.of(new Setting(file, value.get())) : last;
        }
        return last;
    }

    private static Optional<String> value(HostFiles files, String file) throws IOException {
        // A file of that name that is to count for nothing.
        if (files.shown(files.at(file)).equals("/dev/null")) {
            return Optional.empty();
        }
        Optional<String> last = Optional.empty();
        for (String raw : files.text(file).orElse("").split("\n", -1)) {
            String line = raw.strip();
            int equals = line.indexOf('=');
            // A - says that it does not matter if that fails.
            if (equals > 0
                    && line.substring(0, equals).strip().replaceFirst("^-\\s*", "").replace('/', '.').equals(KEY)) {
                last = Optional.of(line.substring(equals + 1).strip());
            }
        }
        return last;
    }

    /// @param file that sets it
    private record Setting(String file, String value) {}
}
