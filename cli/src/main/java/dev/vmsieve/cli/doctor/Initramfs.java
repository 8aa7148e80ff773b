// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

import dev.vmsieve.cli.doctor.CpioReader.Entry;
import dev.vmsieve.filter.unpack.Unpacker;

/// What an initramfs holds and takes, found by really unpacking it, as a stream: archives behind each other, the first
/// ones plain (microcode, compressed modules), the last one packed.
///
/// @param file where it is
/// @param packedBytes its size as a file
/// @param unpackedBytes memory that its files take: whole pages, and an inode each
/// @param whole false if it was not looked through to its end, since it exceeds the limit
/// @param program this program's jar; empty if there is none in sight
/// @param collector what answers as makedumpfile
/// @param nested it holds another image (squashfs, erofs) with the files in it
record Initramfs(Path file, long packedBytes, long unpackedBytes, boolean whole, Optional<Fingerprint> program,
        Collector collector, boolean nested, FileTime modified) {
    private static final String JAR = "usr/lib/vmsieve/lib/vmsieve.jar";
    private static final int PAGE = 4096;
    /// struct inode of tmpfs, and its name's.
    private static final int INODE_BYTES = 1024;
    private static final int MOST_LAUNCHER_BYTES = 1 << 16;

    /// Who answers as makedumpfile in the image.
    enum Collector {
        /// Nobody.
        NONE,
        /// This program's launcher.
        VMSIEVE,
        /// Something else.
        OTHER
    }

    /// Reads a file.
    ///
    /// @param limitBytes more than this, packed or unpacked, is not looked at
    /// @throws IOException if it is no initramfs, damaged, or may not be read; the message is a sentence's end
    static Initramfs read(Path file, long limitBytes) throws IOException {
        var scan = new Scan(file, limitBytes);
        long packed = Files.size(file);
        FileTime modified = Files.getLastModifiedTime(file);
        boolean whole = false;
        if (packed <= limitBytes) {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
                whole = scan.run(in, true);
            }
        }
        return new Initramfs(file, packed, scan.bytes, whole, scan.program, scan.collector, scan.nested, modified);
    }

    /// The way through the archives.
    private static final class Scan {
        private final Path file;
        private final long limitBytes;
        private long bytes;
        private Optional<Fingerprint> program = Optional.empty();
        private Collector collector = Collector.NONE;
        private boolean nested;

        Scan(Path file, long limitBytes) {
            this.file = file;
            this.limitBytes = limitBytes;
        }

        /// @return false if the limit was reached
        boolean run(InputStream in, boolean mayBePacked) throws IOException {
            int archives = 0;
            while (skipZeroes(in)) {
                byte[] first = peek(in);
                if (new String(first, StandardCharsets.ISO_8859_1).startsWith(CpioReader.MAGIC)) {
                    if (!archive(new CpioReader(in))) {
                        return false;
                    }
                    archives++;
                } else {
                    Optional<InputStream> unpacked = mayBePacked ? Unpacker.stream(file, in) : Optional.empty();
                    if (unpacked.isEmpty()) {
                        throw new IOException("holds neither a cpio archive nor one packed in a known way");
                    }
                    return run(new BufferedInputStream(unpacked.get(), 1 << 16), false);
                }
            }
            if (archives == 0) {
                throw new IOException("holds no archive");
            }
            return true;
        }

        /// True if there is something behind the padding.
        private static boolean skipZeroes(InputStream in) throws IOException {
            int next = 0;
            while (next == 0) {
                in.mark(1);
                next = in.read();
            }
            if (next < 0) {
                return false;
            }
            in.reset();
            return true;
        }

        private static byte[] peek(InputStream in) throws IOException {
            in.mark(CpioReader.MAGIC.length());
            byte[] first = in.readNBytes(CpioReader.MAGIC.length());
            in.reset();
            return first;
        }

        private boolean archive(CpioReader reader) throws IOException {
            Optional<Entry> entry = reader.next();
            while (entry.isPresent()) {
                bytes += (entry.get().bytes() + PAGE - 1) / PAGE * PAGE + INODE_BYTES;
                if (bytes > limitBytes) {
                    return false;
                }
                look(entry.get(), reader);
                entry = reader.next();
            }
            return true;
        }

        private void look(Entry entry, CpioReader reader) throws IOException {
            String name = entry.name();
            if (name.equals(JAR) && entry.isFile()) {
                program = Optional.of(new Fingerprint(entry.bytes(), reader.crc()));
            } else if (name.matches("(usr/)?s?bin/makedumpfile")) {
                boolean ours = isLauncher(entry, reader);
                collector = ours && collector != Collector.OTHER ? Collector.VMSIEVE : Collector.OTHER;
            } else if (name.matches("(squash(fs)?|erofs)-root\\.img|squash/root\\.img")) {
                nested = true;
            }
        }

        private static boolean isLauncher(Entry entry, CpioReader reader) throws IOException {
            String data = new String(reader.data(MOST_LAUNCHER_BYTES), StandardCharsets.ISO_8859_1);
            return entry.isLink() ? data.contains("vmsieve") : data.contains("dev.vmsieve.cli.Main");
        }
    }
}
