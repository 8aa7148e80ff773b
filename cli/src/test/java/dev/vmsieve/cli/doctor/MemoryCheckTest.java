// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.codec.Compression;

/// What the crash kernel needs of its reservation.
class MemoryCheckTest extends ExaminedRoot {
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
}
