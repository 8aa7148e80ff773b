// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.SyntheticKernel;

/// A system laid out below a directory, healthy unless something is taken away or changed.
final class FakeRoot {
    static final String VERSION = "1.2.3";
    static final String RELEASE = "6.1.0-test";
    static final String JAR = "/usr/lib/vmsieve/lib/vmsieve.jar";
    static final String LAUNCHER = "#!/bin/sh\nexec java dev.vmsieve.cli.Main\n";
    static final String KDUMP_CONF = "path /var/crash\ncore_collector makedumpfile -l --message-level 7 -d 31\n";
    private static final long MIB = 1 << 20;

    private final Path root;

    private FakeRoot(Path root) {
        this.root = root;
    }

    static FakeRoot debian(Path root) throws IOException {
        FakeRoot fake = common(root);
        fake.file("/etc/default/kdump-tools", "USE_KDUMP=1\nKDUMP_COREDIR=\"/var/crash\"\n");
        fake.link("/etc/systemd/system/multi-user.target.wants/kdump-tools.service", "/lib/systemd/system/x.service");
        fake.link("/usr/bin/makedumpfile", "/usr/bin/vmsieve");
        fake.file("/var/lib/kdump/initrd.img-" + RELEASE, gzip(new CpioBuilder().file("init", "#!/bin/sh").end()));
        return fake;
    }

    static FakeRoot redHat(Path root) throws IOException {
        FakeRoot fake = common(root);
        fake.file("/etc/kdump.conf", "# comment\n" + KDUMP_CONF);
        fake.dracut();
        fake.file("/boot/initramfs-" + RELEASE + "kdump.img", fake.dracutImage());
        return fake;
    }

    static FakeRoot suse(Path root) throws IOException {
        FakeRoot fake = common(root);
        fake.file("/etc/sysconfig/kdump", "KDUMP_SAVEDIR=\"file:///var/crash\"\nKDUMP_CPUS=\"2\"\n");
        fake.dracut();
        fake.file("/var/lib/kdump/initrd", fake.dracutImage());
        fake.link("/var/lib/kdump/kernel", "/boot/vmlinuz-" + RELEASE);
        return fake;
    }

    private static FakeRoot common(Path root) throws IOException {
        var fake = new FakeRoot(root);
        fake.file("/proc/sys/kernel/osrelease", RELEASE + "\n");
        fake.file("/proc/cmdline", "root=/dev/sda1 crashkernel=256M quiet\n");
        fake.file("/proc/meminfo", meminfo(2048));
        fake.file("/proc/sys/vm/overcommit_memory", "0\n");
        fake.file("/sys/kernel/kexec_crash_size", 256 * MIB + "\n");
        fake.file("/sys/kernel/kexec_crash_loaded", "1\n");
        fake.file("/boot/vmlinuz-" + RELEASE, kernel(64 * MIB, gzip(elf(48 * MIB))));
        fake.kcore(SyntheticKernel.demo(64, 1).vmcoreinfo());
        fake.file(JAR, jar(VERSION));
        fake.file("/usr/lib/vmsieve/bin/vmsieve", LAUNCHER);
        fake.link("/usr/bin/vmsieve", "../lib/vmsieve/bin/vmsieve");
        fake.directory("/var/crash");
        return fake;
    }

    private void dracut() throws IOException {
        link("/etc/systemd/system/multi-user.target.wants/kdump.service", "/usr/lib/systemd/system/kdump.service");
        link("/usr/local/sbin/makedumpfile", "/usr/bin/vmsieve");
        file("/usr/lib/dracut/modules.d/50vmsieve/module-setup.sh", "check() { return 0; }\n");
    }

    /// Early microcode, padding, and the packed archive with the program in it.
    byte[] dracutImage() throws IOException {
        return dracutImage(Files.readAllBytes(at(JAR)), LAUNCHER);
    }

    static byte[] dracutImage(byte[] jar, String launcher) throws IOException {
        byte[] early = new CpioBuilder().file("early_cpio", "1").file("kernel/x86/microcode/x.bin", new byte[700])
                .end();
        byte[] late = gzip(new CpioBuilder().file("./usr/lib/vmsieve/lib/vmsieve.jar", jar)
                .file("usr/bin/makedumpfile", launcher).link("usr/sbin/makedumpfile", "../bin/vmsieve")
                .file("usr/lib/big", new byte[1 << 20]).end());
        int start = (early.length + 511) / 512 * 512;
        return ByteBuffer.allocate(start + late.length).put(early).put(start, late).array();
    }

    static byte[] jar(String version) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("dev/vmsieve/cli/version.txt"));
            zip.write((version + "\n").getBytes(StandardCharsets.US_ASCII));
            zip.closeEntry();
        }
        return bytes.toByteArray();
    }

    static byte[] gzip(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    /// A bzImage: the setup header, and the payload behind one sector.
    static byte[] kernel(long initSize, byte[] payload) {
        int start = 2 * 512 + 0x100;
        ByteBuffer image = ByteBuffer.allocate(start + payload.length).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0x1f1, (byte) 1).put(0x202, "HdrS".getBytes(StandardCharsets.US_ASCII)).putShort(0x206,
                (short) 0x20f);
        image.putInt(0x248, 0x100).putInt(0x24c, payload.length).putInt(0x260, (int) initSize);
        return image.put(start, payload).array();
    }

    /// A vmlinux whose segments take that much.
    static byte[] elf(long memory) {
        ByteBuffer elf = ByteBuffer.allocate(64 + 2 * 56 + 4096).order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, 0x464c457f).putLong(32, 64).putShort(56, (short) 2);
        elf.putInt(64, 1).putLong(64 + 24, 0x1000000).putLong(64 + 40, memory - 8192);
        elf.putInt(120, 1).putLong(120 + 24, 0x1000000 + memory - 8192).putLong(120 + 40, 8192);
        return elf.array();
    }

    /// A machine with that much memory, of which a tenth is the kernel's.
    static String meminfo(long mib) {
        long kib = mib * 1024;
        return "MemTotal: " + kib + " kB\nMemFree: " + kib / 2 + " kB\nBuffers: 0 kB\nCached: " + kib / 5
                + " kB\nAnonPages: " + kib / 5 + " kB\nShmem: 0 kB\nHugePages_Total:       0\nHugepagesize:  2048 kB\n";
    }

    void kcore(String vmcoreinfo) throws IOException {
        Path kcore = at("/proc/kcore");
        Files.createDirectories(Objects.requireNonNull(kcore.getParent()));
        Files.deleteIfExists(kcore);
        new ElfCoreBuilder().vmcoreinfo(vmcoreinfo).write(kcore);
    }

    Path path() {
        return root;
    }

    Path at(String path) {
        return root.resolve(path.substring(1));
    }

    void file(String path, byte[] content) throws IOException {
        Path file = at(path);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.deleteIfExists(file);
        Files.write(file, content);
    }

    void file(String path, String content) throws IOException {
        file(path, content.getBytes(StandardCharsets.UTF_8));
    }

    void directory(String path) throws IOException {
        Files.createDirectories(at(path));
    }

    void link(String path, String target) throws IOException {
        Path link = at(path);
        Files.createDirectories(Objects.requireNonNull(link.getParent()));
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(target));
    }

    void remove(String path) throws IOException {
        Files.delete(at(path));
    }
}
