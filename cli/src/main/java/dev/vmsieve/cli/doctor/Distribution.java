// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.util.List;

/// Whose scripts dump, and what is known of them.
enum Distribution {
    /// kdump-tools: the collector runs from the root file system.
    DEBIAN("Debian's kdump-tools", "kdump-tools", "kdump-config load", false, 46),
    /// kdump-utils: dracut's initramfs, with systemd.
    RED_HAT("Red Hat's kdump", "kdump", "kdumpctl restart", true, 40),
    /// SUSE's kdump: dracut's initramfs, with systemd.
    SUSE("SUSE's kdump", "kdump", "systemctl restart kdump", true, 40),
    /// None of them.
    NONE("no known kdump scripts", "kdump", "", false, 40);

    private final String label;
    private final String unit;
    private final String loadCommand;
    private final boolean fromInitramfs;
    private final int servicesMib;

    Distribution(String label, String unit, String loadCommand, boolean fromInitramfs, int servicesMib) {
        this.label = label;
        this.unit = unit;
        this.loadCommand = loadCommand;
        this.fromInitramfs = fromInitramfs;
        this.servicesMib = servicesMib;
    }

    /// What it is called.
    String label() {
        return label;
    }

    /// Its systemd service.
    String unit() {
        return unit;
    }

    /// What loads the crash kernel.
    String loadCommand() {
        return loadCommand;
    }

    /// Where its scripts find programs: kdump-config sets PATH, the others have that of systemd's services.
    List<String> programPath() {
        return this == DEBIAN
                ? List.of("/bin", "/usr/bin", "/sbin", "/usr/sbin")
                : List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");
    }

    /// True if the collector runs in the initramfs.
    boolean fromInitramfs() {
        return fromInitramfs;
    }

    /// Memory of what runs beside the collector: services, drivers, devices. Seen in capture kernels of 6.1: before the
    /// collector starts, so much of MemTotal is not available.
    long servicesBytes() {
        return (long) servicesMib << 20;
    }
}
