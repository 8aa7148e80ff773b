// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/// Is the collector in the crash kernel's initramfs, and the same as is installed?
final class ImageCheck implements Check {
    @Override
    public String name() {
        return "image";
    }

    @Override
    public Finding run(Host host) throws IOException {
        Setup setup = host.setup();
        if (setup.distribution() == Distribution.NONE) {
            return Finding.unknown("Without known scripts there is no known initramfs.", "");
        }
        Optional<Initramfs> found = host.image();
        String rebuild = rebuild(setup.distribution());
        if (found.isEmpty()) {
            return Finding.fail(setup.image() + " is not there: the crash kernel has no initramfs.", rebuild);
        }
        if (!setup.distribution().fromInitramfs()) {
            return Finding.ok(setup.image() + " is there; the collector runs from the root file system.");
        }
        if (!found.get().whole()) {
            return Finding.unknown(setup.image() + " is larger than the reservation and was not looked through.", "");
        }
        return dracut(host, found.get(), rebuild);
    }

    /// True if the program answers as makedumpfile in the crash kernel's initramfs: by what is in that, or where that cannot
    /// be seen, because its dracut module puts it there. This system's makedumpfile may be another.
    static boolean answersAsMakedumpfile(Host host) throws IOException {
        if (!host.setup().distribution().fromInitramfs()) {
            return false;
        }
        try {
            Optional<Initramfs> image = host.image();
            if (image.isPresent() && image.get().whole() && !image.get().nested()) {
                return image.get().program().isPresent() && image.get().collector() == Initramfs.Collector.VMSIEVE;
            }
        } catch (IOException unreadable) {
            // What is said of the image says so.
            return isInstalled(host.files());
        }
        return isInstalled(host.files());
    }

    private static boolean isInstalled(HostFiles files) throws IOException {
        return Installed.find(files).isPresent() && Installed.module(files).isPresent();
    }

    private static String rebuild(Distribution distribution) {
        return switch (distribution) {
            case RED_HAT -> "touch /etc/kdump.conf; kdumpctl rebuild; kdumpctl restart";
            case SUSE -> "mkdumprd -f; systemctl restart kdump";
            case DEBIAN, NONE -> "kdump-config unload; kdump-config load";
        };
    }

    private static Finding dracut(Host host, Initramfs image, String rebuild) throws IOException {
        String name = host.setup().image();
        Optional<Installed> installed = Installed.find(host.files());
        if (image.program().isPresent()) {
            if (image.collector() != Initramfs.Collector.VMSIEVE) {
                return image.collector() == Initramfs.Collector.NONE
                        ? Finding.fail(name + " holds vmsieve, but makedumpfile there is missing.", rebuild)
                        : Finding.warn(
                                name + " holds vmsieve, but makedumpfile there is another program, which would make"
                                        + " the dump.",
                                rebuild);
            }
            if (installed.isEmpty()) {
                return Finding.warn(name + " holds vmsieve, which is not installed any more.", rebuild);
            }
            return Fingerprint.of(installed.get().jar()).equals(image.program().get())
                    ? Finding.ok(name + " holds the vmsieve that is installed.")
                    : Finding.warn(name + " holds another vmsieve than is installed: that one would make the dump.",
                            rebuild);
        }
        if (image.nested()) {
            return nested(host, image, rebuild);
        }
        if (image.collector() == Initramfs.Collector.NONE) {
            return Finding.fail(name + " holds no makedumpfile.", rebuild);
        }
        return image.collector() == Initramfs.Collector.OTHER
                ? Finding.warn(name + " holds a makedumpfile that is not vmsieve.",
                        "to use vmsieve, install its dracut module and " + rebuild)
                : Finding.fail(name + " holds vmsieve's launcher but not the program.",
                        "install vmsieve's dracut module, then " + rebuild);
    }

    /// A squashfs inside is not read; but what was made later than all that goes into it holds that.
    private static Finding nested(Host host, Initramfs image, String rebuild) throws IOException {
        String name = host.setup().image();
        Optional<Installed> installed = Installed.find(host.files());
        Optional<Path> module = Installed.module(host.files());
        if (installed.isEmpty() || module.isEmpty()) {
            return Finding.warn(name + " was made without vmsieve's dracut module, which is not installed.",
                    "install vmsieve, then " + rebuild);
        }
        FileTime made = image.modified();
        boolean later = made.compareTo(changed(installed.get().jar())) > 0 && made.compareTo(changed(module.get())) > 0;
        return later
                ? Finding.ok(name + " was made after vmsieve was installed (by its date: its inside is a squashfs).")
                : Finding.warn(
                        name + " is older than the vmsieve that is installed: what is in it would make the dump.",
                        rebuild);
    }

    /// Packages set dates of files to those of their making; the inode's change is when they were installed.
    private static FileTime changed(Path file) throws IOException {
        return (FileTime) Files.getAttribute(file, "unix:ctime");
    }
}
