// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.fixtures.SyntheticKernel;

/// Systems laid out as files: healthy ones of each distribution, and one thing wrong at a time.
class DoctorTest {
    private static final long MIB = 1 << 20;
    private static final MemoryProbe PROBE = (compression, level, threads) -> new MemoryProbe.Peak(
            (38 + 2L * threads) * MIB, 20 * MIB);

    @TempDir
    private Path root;

    private DoctorReport examine() {
        return Doctor.examine(root, FakeRoot.VERSION, PROBE);
    }

    private Finding finding(String check) {
        return examine().results().stream().filter(result -> result.check().equals(check)).findFirst().orElseThrow()
                .finding();
    }

    private void assertFinding(String check, Status status, String found) {
        Finding finding = finding(check);
        assertThat(finding.found()).startsWith(found);
        assertThat(finding.status()).isEqualTo(status);
    }

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

    // Memory ---------------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"256 | OK | Of 256.0 MiB reserved, 124.7 MiB are needed: ",
            "128 | WARN | Of 128.0 MiB reserved, 122.7 MiB are needed: ",
            "116 | WARN | Of 116.0 MiB reserved, 122.6 MiB are needed: ",
            "108 | FAIL | Of 108.0 MiB reserved, 122.4 MiB are needed: "})
    void comparesTheReservationWithWhatIsNeeded(long mib, Status status, String sentence) throws IOException {
        FakeRoot.debian(root).file("/sys/kernel/kexec_crash_size", Long.toString(mib * MIB));
        assertFinding("memory", status, sentence);
    }

    @Test
    void failsWhereTheInitramfsWouldNotUnpack() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        fake.file("/boot/initramfs-6.1.0-testkdump.img",
                FakeRoot.gzip(new CpioBuilder().file("big", new byte[104 << 20]).end()));
        assertFinding("memory", Status.FAIL,
                "The initramfs, 104.0 MiB unpacked, may take only 101.9 MiB of the 256.0 MiB reserved");
        assertThat(finding("memory").advice()).matches("reserve more: crashkernel=[0-9]+M");
        fake.file("/sys/kernel/kexec_crash_size", Long.toString(64 * MIB));
        assertFinding("memory", Status.FAIL,
                "/boot/initramfs-6.1.0-testkdump.img alone, unpacked, is larger than the reservation of 64.0 MiB.");
    }

    @Test
    void takesInitSizeWhereTheKernelInsideCannotBeRead() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.file("/boot/vmlinuz-6.1.0-test", FakeRoot.kernel(60 * MIB, new byte[1000]));
        assertThat(finding("memory").numbers()).containsEntry("kernelBytes", 60 * MIB);
        fake.file("/boot/vmlinuz-6.1.0-test", "MZ, and nothing else");
        assertFinding("memory", Status.UNKNOWN, "/boot/vmlinuz-6.1.0-test is no kernel image of x86.");
        fake.remove("/boot/vmlinuz-6.1.0-test");
        assertFinding("memory", Status.UNKNOWN, "/boot/vmlinuz-6.1.0-test is not there:");
    }

    @Test
    void measuresWithTheOptionsOfTheCrashKernel() throws IOException {
        FakeRoot.redHat(root).file("/etc/kdump.conf", "core_collector makedumpfile -z -d 17\n");
        List<String> asked = new ArrayList<>();
        MemoryProbe probe = (compression, level, threads) -> {
            asked.add(compression + " " + level + " " + threads);
            return new MemoryProbe.Peak(1, 0);
        };
        Doctor.examine(root, FakeRoot.VERSION, probe);
        assertThat(asked).containsExactly(Compression.ZSTD + " 17 1");
    }

    @Test
    void measuresARealRun() throws IOException {
        MemoryProbe.Peak peak = new FilterJob().measure(Compression.LZO, 31, 1);
        assertThat(peak.ownBytes()).isBetween(4 * MIB, peak.residentBytes());
        assertThat(peak.fileBytes()).isPositive();
    }

    // Collector ------------------------------------------------------------------------------------------------------

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

    // Image ----------------------------------------------------------------------------------------------------------

    @Test
    void failsWithoutImage() throws IOException {
        FakeRoot.redHat(root).remove("/boot/initramfs-6.1.0-testkdump.img");
        assertFinding("image", Status.FAIL, "/boot/initramfs-6.1.0-testkdump.img is not there:");
    }

    @Test
    void findsRedHatsImageWhereBootHasNoPlaceForIt() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        fake.remove("/boot/initramfs-6.1.0-testkdump.img");
        String image = "/var/lib/kdump/initramfs-6.1.0-testkdump.img";
        fake.file(image, fake.dracutImage());
        assertFinding("image", Status.OK, image + " holds the vmsieve that is installed.");
    }

    @Test
    void findsSusesImageOfBefore2023() throws IOException {
        FakeRoot fake = FakeRoot.suse(root);
        fake.remove("/var/lib/kdump/initrd");
        assertFinding("image", Status.FAIL, "/var/lib/kdump/initrd is not there:");
        fake.file("/boot/initrd-6.1.0-test-kdump", fake.dracutImage());
        fake.remove("/var/lib/kdump/kernel");
        assertFinding("image", Status.OK, "/boot/initrd-6.1.0-test-kdump holds the vmsieve that is installed.");
        assertThat(finding("memory").status()).isEqualTo(Status.OK);
    }

    @Test
    void findsTheImageOfTheKernelThatKdumpctlTakes() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        fake.file("/proc/sys/kernel/osrelease", "6.1.0-test+debug\n");
        assertFinding("image", Status.FAIL, "/boot/initramfs-6.1.0-test+debugkdump.img is not there:");
        fake.file("/usr/lib/modules/6.1.0-test/modules.dep", "");
        assertFinding("image", Status.OK, "/boot/initramfs-6.1.0-testkdump.img holds");
        fake.file("/etc/sysconfig/kdump", "KDUMP_KERNELVER=\"6.9\"\n");
        fake.file("/etc/machine-id", "c0ffee\n");
        fake.file("/boot/c0ffee/6.9/vmlinuz", Files.readAllBytes(fake.at("/boot/vmlinuz-6.1.0-test")));
        fake.file("/boot/c0ffee/6.9/initrdkdump", fake.dracutImage());
        assertFinding("image", Status.OK, "/boot/c0ffee/6.9/initrdkdump holds the vmsieve that is installed.");
        assertThat(finding("memory").status()).isEqualTo(Status.OK);
    }

    @Test
    void tellsWhatIsWrongInTheImage() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        String image = "/boot/initramfs-6.1.0-testkdump.img";
        fake.file(image, FakeRoot.dracutImage(FakeRoot.jar("0.9"), FakeRoot.LAUNCHER));
        assertFinding("image", Status.WARN, image + " holds another vmsieve than is installed: that one would make");
        fake.file(image, FakeRoot.dracutImage(Files.readAllBytes(fake.at(FakeRoot.JAR)), "ELF"));
        assertFinding("image", Status.WARN, image + " holds vmsieve, but makedumpfile there is another program,");
        fake.file(image, FakeRoot.gzip(new CpioBuilder().file("usr/sbin/makedumpfile", "ELF").end()));
        assertFinding("image", Status.WARN, image + " holds a makedumpfile that is not vmsieve.");
        fake.file(image, FakeRoot.gzip(new CpioBuilder().file("usr/sbin/makedumpfile", FakeRoot.LAUNCHER).end()));
        assertFinding("image", Status.FAIL, image + " holds vmsieve's launcher but not the program.");
        fake.file(image, FakeRoot.gzip(new CpioBuilder().file("init", "").end()));
        assertFinding("image", Status.FAIL, image + " holds no makedumpfile.");
    }

    @Test
    void judgesAnImageWithinTheImageByItsDate() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        String image = "/boot/initramfs-6.1.0-testkdump.img";
        fake.file(image, FakeRoot.gzip(new CpioBuilder().file("squashfs-root.img", "hsqs").end()));
        Files.setLastModifiedTime(fake.at(image), FileTime.from(Instant.now().plusSeconds(60)));
        assertFinding("image", Status.OK, image + " was made after vmsieve was installed (by its date:");
        Files.setLastModifiedTime(fake.at(image), FileTime.fromMillis(0));
        assertFinding("image", Status.WARN, image + " is older than the vmsieve that is installed: what is in it");
        fake.remove("/usr/lib/dracut/modules.d/50vmsieve/module-setup.sh");
        assertFinding("image", Status.WARN, image + " was made without vmsieve's dracut module,");
    }

    // Target ---------------------------------------------------------------------------------------------------------

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

    // Kernel ---------------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"OSRELEASE", "PAGESIZE", "SYMBOL(init_uts_ns)", "SIZE(page)", "OFFSET(page.flags)"})
    void namesTheKeyThatTheKernelLacks(String key) throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        String whole = SyntheticKernel.demo(64, 1).vmcoreinfo();
        fake.kcore(whole.replace(key + "=", "X="));
        assertThat(finding("kernel").status()).isEqualTo(Status.FAIL);
        assertThat(finding("kernel").found()).contains("does not tell ", key);
    }

    @Test
    void saysWhereTheKernelsTextIsNotToBeHad() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.remove("/proc/kcore");
        assertFinding("kernel", Status.UNKNOWN, "There is no /proc/kcore");
        fake.file("/proc/kcore", "garbage, garbage, garbage, garbage, garbage, garbage, garbage, garbage, garbage");
        assertThat(finding("kernel").status()).isEqualTo(Status.UNKNOWN);
    }

    // Hostile input --------------------------------------------------------------------------------------------------

    @Test
    void survivesAnyImage() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        String image = "/boot/initramfs-6.1.0-testkdump.img";
        byte[] sound = fake.dracutImage();
        var random = new SplittableRandom(11);
        for (int i = 0; i < 60; i++) {
            byte[] damaged = sound.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            fake.file(image, Arrays.copyOf(damaged, random.nextInt(damaged.length + 1)));
            assertThat(examine().results()).as("round %d", i).hasSize(10);
        }
        fake.file(image, "neither this nor that");
        assertFinding("image", Status.UNKNOWN, image + ": holds neither a cpio archive nor one packed in a known way.");
        fake.file(image, new CpioBuilder().header(1 << 30, 0, 0).bytes());
        assertFinding("image", Status.UNKNOWN, image + ": the archive is damaged: a name is 1073741824 bytes long.");
        fake.file(image, new CpioBuilder().header(4, 0, 0xffffffffL).bytes());
        assertThat(finding("memory").status()).isEqualTo(Status.UNKNOWN);
    }

    @Test
    void stopsAtTheReservationInAnImageThatHasNoEnd() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        Path image = fake.at("/boot/initramfs-6.1.0-testkdump.img");
        try (RandomAccessFile sparse = new RandomAccessFile(image.toFile(), "rw")) {
            sparse.setLength(1L << 40);
        }
        assertFinding("memory", Status.FAIL, "/boot/initramfs-6.1.0-testkdump.img alone, unpacked, is larger than");
        Files.delete(image);
        Files.createSymbolicLink(image, Path.of("/dev/zero"));
        assertThat(finding("image").status()).isIn(Status.FAIL, Status.UNKNOWN);
    }

    @Test
    void followsLinksOnlyBelowTheRoot() throws IOException {
        FakeRoot fake = FakeRoot.debian(root);
        fake.link("/proc/cmdline", "/etc/hostname-of-no-system/../../../../../etc/cmdline");
        fake.file("/etc/cmdline", "crashkernel=7M");
        assertThat(finding("reservation").found()).contains("crashkernel=7M");
        fake.link("/proc/cmdline", "cmdline");
        assertFinding("reservation", Status.UNKNOWN, "/proc/cmdline: Too many levels of symbolic links.");
    }

    @Test
    void readsNoConfigurationThatIsNoFileOrTooLarge() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        fake.file("/etc/kdump.conf", "#".repeat(1 << 19));
        assertFinding("setup", Status.UNKNOWN, "/etc/kdump.conf: must be at most 262144 bytes long but is longer.");
        fake.remove("/etc/kdump.conf");
        fake.directory("/etc/kdump.conf");
        assertFinding("setup", Status.UNKNOWN, "/etc/kdump.conf: must be a file but is something else.");
    }

    @Test
    void printsNoControlCharacterOfAConfiguration() throws IOException {
        FakeRoot.redHat(root).file("/etc/kdump.conf",
                "core_collector makedumpfile \u001b[2J\u0007-l\u0000 " + "x".repeat(5000) + "\npath /a\u0000b\n");
        String text = examine().text();
        assertThat(text).doesNotContain("\u001b", "\u0007", "\u0000").hasLineCount(11);
        assertThat(text.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(2100));
        assertFinding("target", Status.UNKNOWN, "a?b: is no file name on this system.");
    }

    @Test
    void survivesAnyConfiguration() throws IOException {
        var random = new SplittableRandom(5);
        String letters = "=\"' #-Fld31\nUSE_KDUMP/\u00e9\u0000,";
        for (int i = 0; i < 100; i++) {
            var text = new StringBuilder();
            for (int c = random.nextInt(200); c > 0; c--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            assertThat(ConfigText.shellVariables(text.toString()).keySet()).allMatch(key -> !key.contains("="));
            assertThat(ConfigText.kdumpConf(text.toString())).allMatch(entry -> !entry.key().isEmpty());
        }
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
