// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

import org.junit.jupiter.api.Test;

/// The initramfs of the crash kernel, and what of ours is in it.
class ImageCheckTest extends ExaminedRoot {
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
}
