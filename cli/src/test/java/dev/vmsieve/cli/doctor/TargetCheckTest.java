// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;

import org.junit.jupiter.api.Test;

/// Where the dump is to go, and whether it fits.
class TargetCheckTest extends ExaminedRoot {
    @Test
    void failsWithoutAPlaceForTheDump() throws IOException {
        FakeRoot.redHat(root).remove("/var/crash");
        assertFinding("target", Status.FAIL, "/var/crash, where dumps are to go, is not there.");
    }

    @Test
    void looksWhereTheDirectoryWillBeMade() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.remove("/var/crash");
        assertFinding("target", Status.OK, "/var/crash has ");
        fake.file("/etc/default/kdump-tools", "USE_KDUMP=1\nKDUMP_COREDIR=\"\"\nMAKEDUMP_ARGS=\"\"\n");
        assertFinding("target", Status.OK, "/var/crash has ");
        assertThat(finding("setup").found()).endsWith("it will run: makedumpfile -F -c -d 31 /proc/vmcore");
        fake.file("/var/crash", "a file");
        assertFinding("target", Status.FAIL, "/var/crash, where dumps are to go, is not there.");
    }

    @Test
    void comparesFreeSpaceWithAnEstimate() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        assertThat(finding("target").found()).contains(" free; a dump now would take about 204.8 MiB before compression"
                + " (estimate: memory 2.0 GiB - free 1.0 GiB - page cache 409.5 MiB - user pages 409.5 MiB).");
        long freeMib = Files.getFileStore(root).getUsableSpace() / MIB;
        fake.file("/proc/meminfo", FakeRoot.meminfo(freeMib * 20));
        assertFinding("target", Status.WARN, "/var/crash has ");
        assertThat(finding("target").found()).endsWith("It fits only if it compresses well.");
        fake.file("/proc/meminfo", FakeRoot.meminfo(freeMib * 100));
        assertFinding("target", Status.FAIL, "/var/crash has ");
        fake.remove("/proc/meminfo");
        assertFinding("target", Status.UNKNOWN, "/var/crash has ");
    }

    @Test
    void findsTheSizeOfADevice() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        fake.file("/etc/kdump.conf", "raw /dev/disk/by-id/x\ncore_collector makedumpfile -F -l -d 31\n");
        assertFinding("target", Status.FAIL, "/dev/disk/by-id/x, the device for dumps, is not there.");
        fake.file("/dev/sdb1", "");
        fake.link("/dev/disk/by-id/x", "../../sdb1");
        assertFinding("target", Status.UNKNOWN, "The size of /dev/disk/by-id/x is not known.");
        fake.file("/sys/class/block/sdb1/size", "2097152\n");
        assertFinding("target", Status.OK, "/dev/disk/by-id/x has 1.0 GiB free;");
    }

    @Test
    void findsWhereAFileSystemIsMounted() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        fake.file("/etc/kdump.conf", "ext4 UUID=12-ab\npath /dumps\n");
        assertFinding("target", Status.UNKNOWN, "The dump goes to ext4 UUID=12-ab, which is not mounted,");
        fake.file("/dev/sdc", "");
        fake.link("/dev/disk/by-uuid/12-ab", "/dev/sdc");
        fake.file("/proc/mounts", "proc /proc proc rw 0 0\n/dev/sdc /mnt/crash ext4 rw 0 0\n");
        assertFinding("target", Status.FAIL, "/mnt/crash//dumps, where dumps are to go, is not there.");
        fake.directory("/mnt/crash/dumps");
        assertFinding("target", Status.OK, "/mnt/crash//dumps has ");
    }
}
