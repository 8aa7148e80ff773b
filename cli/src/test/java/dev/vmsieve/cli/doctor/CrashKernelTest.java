// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whether a crash kernel is there, loaded at every boot, and lets a Java program start.
class CrashKernelTest extends ExaminedRoot {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "quiet | No memory is reserved for the crash kernel.",
            "crashkernel=1G,high | Memory for the crash kernel was asked for (crashkernel=1G,high) but not given."})
    void failsWithoutAReservation(String cmdline, String sentence) throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.file("/sys/kernel/kexec_crash_size", "0\n");
        fake.file("/proc/cmdline", cmdline);
        assertFinding("reservation", Status.FAIL, sentence);
    }

    @Test
    void failsWhereTheKernelCannotHaveACrashKernel() throws IOException {
        FakeRoot.debian(root).remove("/sys/kernel/kexec_crash_size");
        assertFinding("reservation", Status.FAIL, "This kernel cannot have a crash kernel:");
    }

    @Test
    void failsWhereTheCrashKernelIsNotLoaded() throws IOException {
        FakeRoot.redHat(root).file("/sys/kernel/kexec_crash_loaded", "0\n");
        assertFinding("crash kernel", Status.FAIL, "The crash kernel is not loaded.");
        assertThat(finding("crash kernel").advice()).startsWith("kdumpctl restart; if that fails, journalctl -u kdump");
    }

    @Test
    void failsWhereKdumpIsNotToBeUsed() throws IOException {
        FakeRoot.debian(root).file("/etc/default/kdump-tools", "USE_KDUMP=0\n");
        assertFinding("service", Status.FAIL, "/etc/default/kdump-tools says USE_KDUMP=0: kdump is not to be used.");
    }

    @Test
    void warnsWhereTheServiceIsNotEnabled() throws IOException {
        FakeRoot.suse(root).remove("/etc/systemd/system/multi-user.target.wants/kdump.service");
        assertFinding("service", Status.WARN, "kdump.service does not seem to be enabled:");
        assertThat(examine().verdict()).isEqualTo("The next crash would probably be captured: 1 check warned.");
    }

    @Test
    void warnsWhereAJavaProgramHasNoRoomToStart() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.file("/proc/sys/vm/overcommit_memory", "2\n");
        assertFinding("overcommit", Status.WARN, "vm.overcommit_memory is 2, which the crash kernel may take over;");
        fake.file("/etc/kdump/sysctl.conf", "# x\nvm/overcommit_memory = 0\n");
        assertFinding("overcommit", Status.OK, "/etc/kdump/sysctl.conf sets vm.overcommit_memory=0.");
        fake.file("/etc/kdump/sysctl.conf", "vm.overcommit_memory=2\n");
        assertFinding("overcommit", Status.WARN, "/etc/kdump/sysctl.conf sets vm.overcommit_memory=2; it has to be");
    }

    @Test
    void findsTheSettingThatHoldsInTheCrashKernel() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.file("/etc/kdump/sysctl.conf", "vm.overcommit_memory=0\n");
        fake.file("/usr/lib/sysctl.d/10-x.conf", "-vm.overcommit_memory = 2\n");
        fake.file("/etc/sysctl.d/README", "vm.overcommit_memory=1\n");
        assertFinding("overcommit", Status.WARN,
                "/usr/lib/sysctl.d/10-x.conf sets vm.overcommit_memory=2, which overrules"
                        + " /etc/kdump/sysctl.conf; it has to be");
        fake.link("/etc/sysctl.d/10-x.conf", "/dev/null");
        assertFinding("overcommit", Status.OK, "/etc/kdump/sysctl.conf sets vm.overcommit_memory=0.");
        fake.link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf");
        fake.file("/etc/sysctl.conf", "vm/overcommit_memory=2\n");
        assertFinding("overcommit", Status.WARN, "/etc/sysctl.d/99-sysctl.conf sets vm.overcommit_memory=2, which");
        fake.file("/usr/lib/sysctl.d/99-z.conf", "vm.overcommit_memory=1\n");
        assertFinding("overcommit", Status.OK, "/usr/lib/sysctl.d/99-z.conf sets vm.overcommit_memory=1.");
    }

    @Test
    void warnsWhereTheServiceIsMasked() throws IOException {
        FakeRoot.redHat(root).link("/etc/systemd/system/kdump.service", "/dev/null");
        assertFinding("service", Status.WARN, "kdump.service is masked: after a boot no crash kernel would be loaded.");
    }
}
