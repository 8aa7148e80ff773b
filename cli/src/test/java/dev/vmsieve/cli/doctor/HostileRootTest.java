// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

/// Systems with files that are damaged, endless, or lead elsewhere.
class HostileRootTest extends ExaminedRoot {
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
}
