// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

import dev.vmsieve.cli.console.Text;
import dev.vmsieve.filter.codec.Compression;

/// Is there a place for the dump, and is it large enough?
final class TargetCheck implements Check {
    private static final int SECTOR = 512;
    /// What compression may be trusted to do; text and tables in memory shrink more.
    private static final int COMPRESSION = 3;

    @Override
    public String name() {
        return "target";
    }

    @Override
    public Finding run(Host host) throws IOException {
        if (host.setup().distribution() == Distribution.NONE) {
            return Finding.unknown("Without known scripts there is no known place for dumps.", "");
        }
        Target target = host.setup().target();
        return switch (target.kind()) {
            case LOCAL -> local(host, target);
            case RAW -> raw(host, target);
            case REMOTE, EXPORT -> Finding.unknown("The dump goes to " + target.place() + ", which is not tried here.",
                    "test it by a crash, and see that the key or the export is in place");
            case OTHER -> Finding.unknown("The dump goes to " + target.place() + ", which cannot be looked at here.",
                    "mount it and see that it has room");
        };
    }

    private static Finding local(Host host, Target target) throws IOException {
        Path directory = host.files().at(target.place());
        boolean made = host.setup().distribution() != Distribution.RED_HAT;
        while (made && Files.notExists(directory) && directory.getParent() != null) {
            // kdump-config and kdump-save make it.
            directory = directory.getParent();
        }
        if (!Files.isDirectory(directory)) {
            return Finding.fail(target.place() + ", where dumps are to go, is not there.",
                    "mkdir -p " + target.place());
        }
        FileStore store = Files.getFileStore(directory);
        if (host.administrator() && (store.isReadOnly() || !Files.isWritable(directory))) {
            return Finding.fail(target.place() + " cannot be written to.", "mount it for writing");
        }
        long free = Math.max(store.getUsableSpace() - target.keepFreeBytes(), 0);
        return room(host, target.place(), free);
    }

    private static Finding raw(Host host, Target target) throws IOException {
        String device = host.files().shown(host.files().at(target.place()));
        if (!host.files().exists(device)) {
            return Finding.fail(target.place() + ", the device for dumps, is not there.",
                    "connect it, or name another");
        }
        OptionalLong sectors = host.files().number("/sys/class/block/" + device.substring(device.lastIndexOf('/') + 1)
                + "/size");
        return sectors.isEmpty()
                ? Finding.unknown("The size of " + target.place() + " is not known.", "")
                : room(host, target.place(), sectors.getAsLong() * SECTOR);
    }

    private static Finding room(Host host, String place, long free) throws IOException {
        CollectorLine line = host.setup().collector();
        if (line.savesOnlyTheLog()) {
            return Finding.ok(place + " has " + Text.bytes(free) + " free, for the kernel's log alone.")
                    .with("freeBytes", free);
        }
        DumpEstimate estimate = DumpEstimate.of(host.files().text("/proc/meminfo").orElse(""), line.level());
        boolean packed = line.compression() != Compression.NONE;
        return finding(place, free, estimate, packed).with("freeBytes", free).with("estimateBytes", estimate.bytes());
    }

    private static Finding finding(String place, long free, DumpEstimate estimate, boolean packed) {
        if (!estimate.known()) {
            return Finding.unknown(place + " has " + Text.bytes(free)
                    + " free; how large a dump would be is not known without /proc/meminfo.", "");
        }
        String sum = place + " has " + Text.bytes(free) + " free; a dump now would take about "
                + Text.bytes(estimate.bytes()) + " before compression (estimate: " + estimate.parts() + ").";
        String advice = "make room there, or name another place";
        if (free >= estimate.bytes()) {
            return Finding.ok(sum);
        }
        return packed && free >= estimate.bytes() / COMPRESSION
                ? Finding.warn(sum + " It fits only if it compresses well.", advice)
                : Finding.fail(sum, advice);
    }
}
