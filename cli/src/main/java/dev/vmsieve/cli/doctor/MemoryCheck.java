// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.vmsieve.cli.console.Text;

/// Is the reservation large enough, by what this kernel, this initramfs and this program really take?
///
/// There are two heights: while the initramfs is unpacked, it is in memory packed and unpacked, and what is unpacked may
/// take half of what is left (a tmpfs; the kernel then says "Initramfs unpacking failed: write error"). Later there are
/// the services and the collector.
final class MemoryCheck implements Check {
    /// struct page: 64 bytes for each 4096.
    private static final int BYTES_A_STRUCT_PAGE = 64;
    private static final int PAGE = 4096;
    /// A bit a page in each of two bitmaps.
    private static final int BYTES_A_BITMAP_BYTE = 8 * PAGE / 2;
    /// Each part errs on the safe side: of the kernel's 58 MiB Debian's 6.1 frees 8, and this program was measured in a
    /// process that has done other things before (12 MiB too much). In all 140 MiB are counted for what works with 128.
    private static final int MARGIN_DIVISOR = 8;
    /// Of the runtime's pages on a disk a third must stay in memory, or they are read again and again. The launcher has them
    /// read one by one where memory is short: with Debian 12's 128M 8 to 9 MB of page cache remain at the peak, and few of
    /// them are read twice.
    private static final int CODE_IN_USE_DIVISOR = 3;

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public Finding run(Host host) throws IOException {
        // First, while nothing that is read below has used memory of this process.
        CollectorLine line = host.setup().collector();
        MemoryProbe.Peak peak = host.probe().measure(line.compression(), line.level(), host.setup().threads());
        long reserved = host.reservedBytes().orElse(0);
        Optional<Path> kernel = host.files().regular(host.setup().kernel());
        if (kernel.isEmpty()) {
            return Finding.unknown(host.setup().kernel() + " is not there: what the crash kernel takes is not known.",
                    "");
        }
        Optional<Initramfs> image = host.image();
        if (reserved == 0 || image.isEmpty()) {
            return Finding
                    .unknown("Without a reservation and an initramfs there is nothing to compare; vmsieve itself takes "
                            + Text.bytes(peak.ownBytes()) + ".", "")
                    .with("programBytes", peak.ownBytes());
        }
        if (!image.get().whole()) {
            return Finding.fail(host.setup().image() + " alone, unpacked, is larger than the reservation of "
                    + Text.bytes(reserved) + ".", "reserve more: crashkernel=");
        }
        return compare(host, reserved, kernelBytes(host, kernel.get()), image.get(), peak);
    }

    private static long kernelBytes(Host host, Path kernel) throws IOException {
        try {
            return BootKernel.bytes(kernel);
        } catch (FileSystemException refused) {
            throw refused;
        } catch (IOException e) {
            throw new IOException(host.setup().kernel() + " " + e.getMessage(), e);
        }
    }

    private static Finding compare(Host host, long reserved, long kernelBytes, Initramfs image,
            MemoryProbe.Peak peak) throws IOException {
        Setup setup = host.setup();
        Map<String, Long> kernel = new LinkedHashMap<>();
        kernel.put("kernel", kernelBytes);
        kernel.put("page structures", reserved / PAGE * BYTES_A_STRUCT_PAGE);
        Map<String, Long> unpacking = new LinkedHashMap<>(kernel);
        unpacking.put("initramfs packed", image.packedBytes());
        unpacking.put("and unpacked", image.unpackedBytes());
        Map<String, Long> collecting = new LinkedHashMap<>(kernel);
        // Debian's is emptied when the root file system takes over.
        if (setup.distribution().fromInitramfs()) {
            collecting.put("initramfs unpacked", image.unpackedBytes());
        }
        collecting.put("services (estimate)", setup.distribution().servicesBytes());
        collecting.put("vmsieve, " + setup.threads() + (setup.threads() == 1 ? " thread" : " threads"),
                peak.ownBytes());
        // In an initramfs it is part of what is unpacked.
        if (!setup.distribution().fromInitramfs()) {
            collecting.put("its code from disk", peak.fileBytes() / CODE_IN_USE_DIVISOR);
        }
        long memory = MemInfo.bytes(host.files().text("/proc/meminfo").orElse(""), "MemTotal");
        collecting.put("bitmaps", memory / BYTES_A_BITMAP_BYTE);

        long room = (reserved - sum(kernel) - image.packedBytes()) / 2;
        Map<String, Long> larger = sum(unpacking) > sum(collecting) ? unpacking : collecting;
        long need = sum(larger);
        return finding(reserved, need, parts(larger), room, image.unpackedBytes()).with("reservedBytes", reserved)
                .with("unpackingBytes", sum(unpacking)).with("collectingBytes", sum(collecting))
                .with("kernelBytes", kernelBytes).with("initramfsBytes", image.packedBytes())
                .with("initramfsUnpackedBytes", image.unpackedBytes()).with("initramfsRoomBytes", Math.max(room, 0))
                .with("programBytes", peak.ownBytes()).with("programResidentBytes", peak.residentBytes());
    }

    private static Finding finding(long reserved, long need, String parts, long room, long unpacked) {
        String sum = "Of " + Text.bytes(reserved) + " reserved, " + Text.bytes(need) + " are needed: " + parts + ".";
        if (unpacked > room) {
            return Finding.fail("The initramfs, " + Text.bytes(unpacked) + " unpacked, may take only "
                    + Text.bytes(Math.max(room, 0)) + " of the " + Text.bytes(reserved)
                    + " reserved (half of what the kernel leaves), and the crash kernel would not boot.",
                    "reserve more: crashkernel=" + advised(Math.max(need, need + 2 * (unpacked - room))));
        }
        long margin = reserved / MARGIN_DIVISOR;
        if (need > reserved + margin) {
            return Finding.fail(sum, "reserve more: crashkernel=" + advised(need));
        }
        if (need > reserved) {
            return Finding.warn(sum + " Since these are upper bounds, it may still do.",
                    "reserve more: crashkernel=" + advised(need));
        }
        return need > reserved - margin
                ? Finding.warn(sum + " That is tight.", "reserve more: crashkernel=" + advised(need))
                : Finding.ok(sum);
    }

    /// The need and a quarter, in steps of 64 MiB.
    private static String advised(long need) {
        long mib = (need + need / 4) >> 20;
        return (mib + 63) / 64 * 64 + "M";
    }

    private static long sum(Map<String, Long> parts) {
        return parts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static String parts(Map<String, Long> parts) {
        List<String> texts = new ArrayList<>();
        parts.forEach((name, bytes) -> texts.add(name + " " + Text.bytes(bytes)));
        return String.join(" + ", texts);
    }
}
