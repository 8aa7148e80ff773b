// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which program makes the dump, and with which options.
class CollectorCheckTest extends ExaminedRoot {
    @Test
    void tellsWhoseMakedumpfileItIs() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.file("/usr/bin/makedumpfile", "ELF");
        assertFinding("collector", Status.WARN, "makedumpfile is /usr/bin/makedumpfile, not vmsieve: that one would");
        assertThat(finding("collector").advice()).isEqualTo("to use vmsieve: vmsieve-makedumpfile enable");
    }

    @Test
    void tellsWhatKdumpToolsDoWithoutMakedumpfile() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.remove("/usr/bin/makedumpfile");
        fake.file("/usr/sbin/kdump-config", "makedumpfile $MAKEDUMP_ARGS $vmcore_file | compress > x\n");
        assertFinding("collector", Status.FAIL, "makedumpfile is not there: the dump would be an empty file.");
        fake.file("/usr/sbin/kdump-config", "if ! have_makedumpfile || [ \"$ERROR\" -ne 0 ]; then\n\tcp x y\nfi\n");
        assertFinding("collector", Status.WARN, "makedumpfile is not there: the whole memory would be copied,");
    }

    @Test
    void looksForMakedumpfileWhereKdumpToolsDo() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.link("/usr/local/sbin/makedumpfile", "/usr/bin/vmsieve");
        fake.file("/usr/bin/makedumpfile", "ELF");
        assertFinding("collector", Status.WARN, "makedumpfile is /usr/bin/makedumpfile, not vmsieve");
        fake.remove("/usr/bin/makedumpfile");
        assertFinding("collector", Status.FAIL, "makedumpfile is not there");
    }

    @Test
    void failsWithoutCollectorWhereNothingReplacesIt() throws IOException {
        FakeRoot.redHat(root).remove("/usr/local/sbin/makedumpfile");
        assertFinding("collector", Status.FAIL, "makedumpfile is not there.");
    }

    @Test
    void tellsAnotherVersion() throws IOException {
        FakeRoot.debian(root).file(FakeRoot.JAR, FakeRoot.jar("1.0"));
        assertFinding("collector", Status.WARN, "makedumpfile is vmsieve 1.0; this is 1.2.3,");
    }

    @Test
    void failsWhereTheInstalledProgramIsNotWhole() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.file(FakeRoot.JAR, "no zip");
        assertThat(finding("collector").status()).isEqualTo(Status.UNKNOWN);
        fake.remove(FakeRoot.JAR);
        assertFinding("collector", Status.FAIL, "makedumpfile leads to /usr/lib/vmsieve, but the program there is not");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "makedumpfile -l -d 32 | FAIL | vmsieve refuses the options of makedumpfile -l -d 32 vmcore dumpfile: "
                    + "Dump_level(32) is invalid.",
            "makedumpfile -l -Q | FAIL | vmsieve refuses the options of ",
            "makedumpfile -e -d 31 | FAIL | vmsieve refuses the options of ",
            "vmsieve -l -d 31 | OK | vmsieve is vmsieve 1.2.3, and takes the options.",
            "/usr/bin/vmsieve -l -d 32 | FAIL | vmsieve refuses the options of /usr/bin/vmsieve -l -d 32",
            "cp | WARN | The dump is made by cp, not by makedumpfile: nothing is left out.",
            "/usr/bin/vmsieve-makedumpfile -l | FAIL | /usr/bin/vmsieve-makedumpfile is not there."})
    void checksTheOptions(String line, Status status, String sentence) throws IOException {
        FakeRoot.redHat(root).file("/etc/kdump.conf", "core_collector " + line + "\n");
        assertFinding("collector", status, sentence);
    }

    @Test
    void wantsFlattenedDataForAStream() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        fake.file("/etc/kdump.conf", "ssh root@host\ncore_collector makedumpfile -l -d 31\n");
        assertFinding("collector", Status.FAIL,
                "The dump goes to ssh root@host, for which core_collector must have -F and has not.");
        fake.file("/etc/kdump.conf", "ssh root@host\ncore_collector makedumpfile -F -l -d 31\n");
        assertFinding("collector", Status.OK, "makedumpfile is vmsieve 1.2.3");
        assertFinding("target", Status.UNKNOWN, "The dump goes to ssh root@host, which is not tried here.");
        assertThat(examine().verdict()).isEqualTo(
                "Nothing found speaks against a dump of the next crash, but 1 check could not be made.");
    }

    @Test
    void judgesTheOptionsByTheProgramOfTheCrashKernel() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        String image = "/boot/initramfs-6.1.0-testkdump.img";
        fake.remove("/usr/local/sbin/makedumpfile");
        fake.file("/usr/sbin/makedumpfile", "ELF");
        assertFinding("collector", Status.OK,
                "In the crash kernel makedumpfile is vmsieve, and takes the options; in this"
                        + " system it is /usr/sbin/makedumpfile.");
        fake.file("/etc/kdump.conf", "core_collector makedumpfile -e -d 31\n");
        assertFinding("collector", Status.FAIL,
                "vmsieve refuses the options of makedumpfile -e -d 31 vmcore dumpfile: ");
        fake.file(image, FakeRoot.gzip(new CpioBuilder().file("squash-root.img", "hsqs").end()));
        assertFinding("collector", Status.FAIL, "vmsieve refuses the options of ");
        fake.file(image, "damaged");
        assertFinding("collector", Status.FAIL, "vmsieve refuses the options of ");
        fake.remove("/usr/lib/dracut/modules.d/50vmsieve/module-setup.sh");
        assertFinding("collector", Status.WARN, "makedumpfile is /usr/sbin/makedumpfile, not vmsieve: ");
        fake.file(image, FakeRoot.gzip(new CpioBuilder().file("usr/sbin/makedumpfile", "ELF").end()));
        assertFinding("collector", Status.WARN, "makedumpfile is /usr/sbin/makedumpfile, not vmsieve: ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "nfs host:/export\\ncore_collector makedumpfile -l --message-level 7 -d 31 | -l --message-level 7 -d 31 vmcore dumpfile",
            "nfs host:/export | -l --message-level 7 -d 31 vmcore dumpfile",
            "ssh root@host | -l --message-level 7 -d 31 -F vmcore"})
    void wantsFlattenedDataForNothingElse(String lines, String arguments) throws IOException {
        FakeRoot.redHat(root).file("/etc/kdump.conf", lines.replace("\\n", "\n") + "\n");
        assertFinding("collector", Status.OK, "makedumpfile is vmsieve 1.2.3");
        assertThat(finding("setup").found()).endsWith("it will run: makedumpfile " + arguments);
        assertFinding("target", Status.UNKNOWN, "The dump goes to ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "KDUMP_DUMPFORMAT=none | FAIL | makedumpfile -F --message-level 8 --dump-dmesg /proc/vmcore",
            "KDUMP_DUMPFORMAT=raw | WARN | cat /proc/vmcore",
            "KDUMP_DUMPFORMAT=gzip | OK | makedumpfile -F -z --message-level 6 -d 31 /proc/vmcore",
            "KDUMP_DUMPFORMAT= | OK | makedumpfile -F -c --message-level 6 -d 31 /proc/vmcore",
            "KDUMP_DUMPLEVEL=32 | OK | makedumpfile -F -c --message-level 6 -d 0 /proc/vmcore",
            "KDUMP_DUMPLEVEL=-1 | OK | makedumpfile -F -c --message-level 6 -d 0 /proc/vmcore",
            "KDUMP_DUMPLEVEL=x | OK | makedumpfile -F -c --message-level 6 -d 31 /proc/vmcore"})
    void takesSusesWordsAsKdumpSaveDoes(String line, Status status, String command) throws IOException {
        FakeRoot.suse(root).file("/etc/sysconfig/kdump", line + "\n");
        assertThat(finding("setup").found()).endsWith("it will run: " + command);
        assertThat(finding("collector").status()).isEqualTo(status);
    }

    @Test
    void failsWhereOnlyTheLogIsSaved() throws IOException {
        FakeRoot.suse(root).file("/etc/sysconfig/kdump", "KDUMP_DUMPFORMAT=none\n");
        assertFinding("collector", Status.FAIL, "Only the kernel's log would be saved, no memory: makedumpfile -F ");
        assertThat(finding("target").status()).isEqualTo(Status.OK);
    }

    @Test
    void failsWhereTheConfigurationWouldBeRefused() throws IOException {
        FakeRoot.redHat(root).file("/etc/kdump.conf", "path\ncore_collector makedumpfile -l\ncore_collector x\n");
        assertFinding("setup", Status.FAIL,
                "/etc/kdump.conf would be refused: path has no value, core_collector is given twice.");
        FakeRoot.redHat(root).file("/etc/kdump.conf", "ssh root@host\nraw /dev/sdb\nlink_delay 60\n");
        assertFinding("setup", Status.FAIL,
                "/etc/kdump.conf would be refused: link_delay is not known, there is more than one target (ssh, raw).");
    }
}
