// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.util.Optional;

/// Does the collector's name lead to this program, and does it take its options?
final class CollectorCheck implements Check {
    private static final String KDUMP_CONFIG = "/usr/sbin/kdump-config";
    private static final String ENABLE_DEBIAN = "vmsieve-makedumpfile enable";
    private static final String ENABLE_DRACUT = "ln -s /usr/bin/vmsieve /usr/local/sbin/makedumpfile, then ";

    @Override
    public String name() {
        return "collector";
    }

    @Override
    public Finding run(Host host) throws IOException {
        CollectorLine line = host.setup().collector();
        if (host.setup().distribution() == Distribution.NONE) {
            return Finding.unknown("Without known scripts there is no known collector.", "");
        }
        if (!line.isMakedumpfile()) {
            return Finding.warn("The dump is made by " + line.program() + ", not by makedumpfile: nothing is left out.",
                    "core_collector makedumpfile -l --message-level 7 -d 31");
        }
        Optional<String> file = Installed.resolve(host.files(), line.program(),
                host.setup().distribution().programPath());
        if (file.isEmpty()) {
            return missing(host, line);
        }
        if (line.savesOnlyTheLog()) {
            return Finding.fail("Only the kernel's log would be saved, no memory: " + line.text(),
                    "correct " + file(host) + ", unless the log is all that is wanted");
        }
        Optional<Finding> stream = streamProblem(host);
        if (stream.isPresent()) {
            return stream.get();
        }
        Optional<String> refusal = line.refusal();
        boolean ours = Installed.isLauncher(file.get());
        boolean oursInImage = line.isTheMakedumpfile() && ImageCheck.answersAsMakedumpfile(host);
        if (refusal.isPresent() && (ours || oursInImage)) {
            return Finding.fail("vmsieve refuses the options of " + line.text() + ": " + refusal.get(),
                    "correct " + file(host));
        }
        if (ours) {
            return version(host, line);
        }
        return oursInImage
                ? Finding.ok("In the crash kernel " + line.program()
                        + " is vmsieve, and takes the options; in this system it is " + file.get() + ".")
                : foreign(host, line, file.get());
    }

    private static String file(Host host) {
        return switch (host.setup().distribution()) {
            case DEBIAN -> "MAKEDUMP_ARGS in " + SetupReader.DEBIAN_FILE;
            case RED_HAT -> "core_collector in " + SetupReader.RED_HAT_FILE;
            case SUSE -> SetupReader.SUSE_FILE;
            case NONE -> "them";
        };
    }

    private static String enable(Host host) {
        Distribution distribution = host.setup().distribution();
        return distribution == Distribution.DEBIAN ? ENABLE_DEBIAN : ENABLE_DRACUT + distribution.loadCommand();
    }

    private static Finding missing(Host host, CollectorLine line) throws IOException {
        String found = line.program() + " is not there";
        String install = Installed.find(host.files()).isPresent()
                ? enable(host)
                : "install vmsieve or makedumpfile, then " + enable(host);
        if (host.setup().distribution() != Distribution.DEBIAN) {
            return Finding.fail(found + ".", install);
        }
        // Before 1.10 kdump-config looks at the status of the pipe's last command only.
        return host.files().text(KDUMP_CONFIG).orElse("").contains("have_makedumpfile")
                ? Finding.warn(found + ": the whole memory would be copied, if it fits.", install)
                : Finding.fail(found + ": the dump would be an empty file.", install);
    }

    /// kdumpctl does not build an image for a stream whose configured collector is not told to flatten. What it takes
    /// where none is configured gets -F in the crash kernel.
    private static Optional<Finding> streamProblem(Host host) {
        Setup setup = host.setup();
        boolean wrong = setup.distribution() == Distribution.RED_HAT && setup.target().isStream()
                && setup.collector().program().equals(CollectorLine.MAKEDUMPFILE)
                && !setup.collector().text().contains("-F");
        return wrong
                ? Optional.of(Finding.fail("The dump goes to " + setup.target().place()
                        + ", for which core_collector must have -F and has not.",
                        "add -F in "
                                + SetupReader.RED_HAT_FILE))
                : Optional.empty();
    }

    private static Finding version(Host host, CollectorLine line) throws IOException {
        Optional<Installed> installed = Installed.find(host.files());
        if (installed.isEmpty()) {
            return Finding.fail(
                    line.program() + " leads to " + Installed.TREE + ", but the program there is not whole.",
                    "install vmsieve again");
        }
        String version = installed.get().version();
        return version.equals(host.version())
                ? Finding.ok(line.program() + " is vmsieve " + version + ", and takes the options.")
                : Finding.warn(line.program() + " is vmsieve " + version + "; this is " + host.version()
                        + ", so what is said here of memory and kernel is said of another version.",
                        "run vmsieve doctor of the installed version");
    }

    private static Finding foreign(Host host, CollectorLine line, String file) {
        return Finding.warn(line.program() + " is " + file
                + ", not vmsieve: that one would make the dump, and what is said of memory and kernel is not said of it.",
                "to use vmsieve: " + enable(host));
    }
}
