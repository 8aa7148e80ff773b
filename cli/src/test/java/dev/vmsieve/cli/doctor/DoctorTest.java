// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;

import org.junit.jupiter.api.Test;

/// Healthy systems of each distribution, and none at all.
class DoctorTest extends ExaminedRoot {
    @Test
    void findsAHealthyDebianSystemHealthy() throws IOException {
        FakeRoot.debian(root);
        assertThat(examine().text()).isEqualTo(
                """
                        ok    setup         This is Debian's kdump-tools; it will run: makedumpfile -F -c -d 31 /proc/vmcore
                        ok    reservation   256.0 MiB are reserved for the crash kernel (crashkernel=256M).
                        ok    crash kernel  The crash kernel is loaded.
                        ok    service       kdump-tools.service is enabled.
                        ok    memory        Of 256.0 MiB reserved, 124.7 MiB are needed: kernel 48.0 MiB + page structures 4.0 MiB\
                         + services (estimate) 46.0 MiB + vmsieve, 1 thread 20.0 MiB\
                         + its code from disk 6.6 MiB + bitmaps 128.0 KiB.
                        ok    collector     makedumpfile is vmsieve 1.2.3, and takes the options.
                        ok    image         /var/lib/kdump/initrd.img-6.1.0-test is there; the collector runs from the root file system.
                        ok    overcommit    vm.overcommit_memory is not 2.
                        """
                        + examine().text().lines().filter(line -> line.contains("  target ")).findFirst().orElseThrow()
                        + """

                                ok    kernel        Kernel 6.12.57+deb13-amd64 tells all that is needed.
                                The next crash would be captured.
                                """);
        assertThat(examine().fails()).isFalse();
    }

    @Test
    void findsAHealthyRedHatSystemHealthy() throws IOException {
        FakeRoot.redHat(root);
        assertThat(examine().verdict()).as(examine().text()).isEqualTo("The next crash would be captured.");
        assertThat(finding("setup").found())
                .endsWith("it will run: makedumpfile -l --message-level 7 -d 31 vmcore dumpfile");
        assertFinding("image", Status.OK, "/boot/initramfs-6.1.0-testkdump.img holds the vmsieve that is installed.");
        assertThat(finding("memory").found())
                .contains(" + initramfs unpacked 1.0 MiB + services (estimate) 40.0 MiB + ");
    }

    @Test
    void findsAHealthySuseSystemHealthy() throws IOException {
        FakeRoot fake = FakeRoot.suse(root);
        fake.file("/sys/devices/system/cpu/online", "0-3,8\n");
        assertThat(examine().verdict()).as(examine().text()).isEqualTo("The next crash would be captured.");
        assertThat(finding("setup").found())
                .endsWith("it will run: makedumpfile -F -c --num-threads 2 --message-level 6 -d 31 /proc/vmcore");
        assertThat(finding("memory").found()).contains(" + vmsieve, 2 threads 22.0 MiB + ");
    }

    @Test
    void saysSoWhereNothingIsSetUp() throws IOException {
        Files.createDirectories(root);
        assertFinding("setup", Status.FAIL, "Neither /etc/default/kdump-tools nor /etc/kdump.conf nor"
                + " /etc/sysconfig/kdump is there: nothing is set up to dump.");
        assertThat(examine().fails()).isTrue();
        assertThat(examine().verdict()).startsWith("The next crash would NOT be captured: 3 checks failed.");
    }

    @Test
    void warnsOfACrashKernelOfUnknownScripts() throws IOException {
        FakeRoot.debian(root).remove("/etc/default/kdump-tools");
        assertFinding("setup", Status.WARN, "Neither ");
        assertThat(examine().fails()).isFalse();
    }

    @Test
    void writesTheSameAsJson() throws IOException {
        FakeRoot.debian(root).file("/proc/cmdline", "crashkernel=\"1\\2\"\u00e9");
        String json = examine().json();
        assertThat(json).startsWith("{\"version\":\"1.2.3\",\"root\":\"")
                .contains("\"captured\":\"yes\",\"verdict\":\"The next crash would be captured.\",\"checks\":[{"
                        + "\"check\":\"setup\",\"status\":\"ok\",\"found\":\"This is Debian's kdump-tools; ",
                        "(crashkernel=\\\"1\\\\2\\\"\\u00e9).\",\"advice\":\"\",\"numbers\":{\"reservedBytes\":268435456}},{")
                .endsWith("}}]}\n");
    }
}
